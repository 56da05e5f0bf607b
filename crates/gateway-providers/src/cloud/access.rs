//! What one attempt presents to the upstream.

use gateway_types::Secret;

/// What one attempt presents. Nothing in it is shown by `Debug`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Access {
    /// Nothing: the upstream asks for nothing.
    #[default]
    None,
    /// A key, presented as the provider's kind says.
    Key(Secret),
    /// A token, presented as `authorization: Bearer …` whatever the kind says.
    Bearer(Secret),
    /// Keys of AWS, with which the request is signed.
    Aws(AwsKeys),
}

impl Access {
    /// The key, or nothing where there is none.
    pub fn key(secret: Option<Secret>) -> Self {
        secret.map_or(Self::None, Self::Key)
    }
}

/// Keys of AWS: what requests are signed with.
#[derive(Clone, Debug, PartialEq)]
pub struct AwsKeys {
    /// The name of the key, which is sent.
    pub access_key_id: String,
    /// The key itself, which is not.
    pub secret_access_key: Secret,
    /// Goes with keys that expire, and is sent.
    pub session_token: Option<Secret>,
}
