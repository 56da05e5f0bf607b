//! Keys of AWS: from settings, variables, files, STS, containers and instances.

use gateway_providers::cloud::aws::{AwsSource, Role, region};
use gateway_providers::cloud::{Access, AwsKeys, Source};
use gateway_types::{ErrorKind, Secret};

use super::fake::{Reply, Seen, World, aws, bearer};

const END: &str = "2026-01-01T01:00:00Z";

fn usual() -> Source {
    Source::Aws(AwsSource {
        region: "eu-west-1".to_owned(),
        keys: None,
        role: None,
    })
}

fn own_keys() -> AwsKeys {
    AwsKeys {
        access_key_id: "AKIDOWN".to_owned(),
        secret_access_key: Secret::new("own-secret"),
        session_token: None,
    }
}

/// STS, which names its keys after the role; and the machine's services.
fn answers(seen: &Seen) -> Reply {
    let of_machine = |name: &str| {
        format!(
            r#"{{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"{name}","SecretAccessKey":"s-{name}","Token":"t-{name}","Expiration":"{END}"}}"#
        )
    };
    let text = if let Some(action) = seen.field("Action") {
        let role = seen.field("RoleArn").unwrap();
        let name = role.rsplit('/').next().unwrap();
        format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <{action}Result>\n    <Credentials>\n      \
             <AccessKeyId>{name}</AccessKeyId>\n      <SecretAccessKey>s-{name}</SecretAccessKey>\n      \
             <SessionToken>t&amp;{name}</SessionToken>\n      <Expiration>{END}</Expiration>\n    </Credentials>\n  \
             </{action}Result>\n</{action}Response>"
        )
    } else if seen.url.ends_with("/latest/api/token") {
        "imds-token".to_owned()
    } else if seen.url.ends_with("/security-credentials/") {
        "my-role\n".to_owned()
    } else if seen.url.ends_with("/security-credentials/my-role") {
        of_machine("INSTANCE")
    } else {
        of_machine("CONTAINER")
    };
    Ok((200, text))
}

fn world() -> World {
    World::new(answers)
}

#[tokio::test]
async fn keys_of_the_settings_need_nobody() {
    let world = World::silent().variable("AWS_ACCESS_KEY_ID", "AKIDENV");
    let source = Source::Aws(AwsSource {
        region: "eu-west-1".to_owned(),
        keys: Some(own_keys()),
        role: None,
    });
    assert_eq!(world.ask(source).await.unwrap(), Access::Aws(own_keys()));
}

#[tokio::test]
async fn variables_come_first_and_must_be_complete() {
    let world = World::silent()
        .variable("AWS_ACCESS_KEY_ID", "AKIDENV")
        .variable("AWS_SECRET_ACCESS_KEY", "secret")
        .variable("AWS_SESSION_TOKEN", "token")
        .variable("HOME", "/home/a")
        .file(
            "/home/a/.aws/credentials",
            "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\n",
        );
    let access = world.ask(usual()).await.unwrap();
    assert_eq!(aws(&access), ("AKIDENV", "secret", Some("token")));
    let error = World::silent()
        .variable("AWS_ACCESS_KEY_ID", "AKIDENV")
        .ask(usual())
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamAuth);
    assert!(error.message.contains("AWS_SECRET_ACCESS_KEY is not"), "{error}");
}

#[tokio::test]
async fn a_bearer_token_of_bedrock_is_taken_as_it_is() {
    let world = World::silent().variable("AWS_BEARER_TOKEN_BEDROCK", "ABSK");
    assert_eq!(bearer(&world.ask(usual()).await.unwrap()), "ABSK");
}

#[tokio::test]
async fn a_role_is_taken_with_the_keys_of_the_settings() {
    let world = world();
    let source = Source::Aws(AwsSource {
        region: "eu-west-1".to_owned(),
        keys: Some(own_keys()),
        role: Some(Role {
            arn: "arn:aws:iam::123456789012:role/bedrock".to_owned(),
            external_id: Some("ext+1".to_owned()),
            session_name: None,
        }),
    });
    let access = world.ask(source).await.unwrap();
    assert_eq!(aws(&access), ("bedrock", "s-bedrock", Some("t&bedrock")));
    let seen = &world.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.url.as_str()),
        ("POST", "https://sts.eu-west-1.amazonaws.com/")
    );
    for (name, value) in [
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", "arn:aws:iam::123456789012:role/bedrock"),
        ("RoleSessionName", "gateway"),
        ("ExternalId", "ext+1"),
    ] {
        assert_eq!(seen.field(name).as_deref(), Some(value), "{name}");
    }
    let signature = seen.header("authorization");
    assert!(
        signature.contains("Credential=AKIDOWN/20260101/eu-west-1/sts/aws4_request"),
        "{signature}"
    );
}

#[tokio::test]
async fn profiles_lead_to_keys_and_roles() {
    let config = "# mine\n[default]\nregion = eu-north-1\n\n[profile base]\naws_access_key_id=AKIDCONFIG\n\
                  [profile middle]\nrole_arn = arn:aws:iam::1:role/middle\nsource_profile = base\nrole_session_name = me\n\
                  [profile deep]\nrole_arn = arn:aws:iam::1:role/deep\nsource_profile = middle\nexternal_id = x\n\
                  region = us-west-2\ns3 =\n  region = nested\n[services x]\nrole_arn = none\n";
    let credentials = "[base]\naws_access_key_id = AKIDFILE\naws_secret_access_key = abc/+= # note\n";
    let world = world()
        .variable("HOME", "/home/a")
        .variable("AWS_PROFILE", "deep")
        .file("/home/a/.aws/config", config)
        .file("/home/a/.aws/credentials", credentials);
    let access = world.ask(usual()).await.unwrap();
    assert_eq!(aws(&access).0, "deep");
    let seen = world.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].header("authorization").contains("Credential=AKIDFILE/"));
    assert_eq!(seen[0].field("RoleSessionName").as_deref(), Some("me"));
    assert!(seen[1].header("authorization").contains("Credential=middle/"));
    assert_eq!(seen[1].header("x-amz-security-token"), "t&middle");
    assert_eq!(seen[1].field("ExternalId").as_deref(), Some("x"));
    assert_eq!(region(&world).as_deref(), Some("us-west-2"));
    assert_eq!(
        region(&world.variable("AWS_REGION", "sa-east-1")).as_deref(),
        Some("sa-east-1")
    );
}

#[tokio::test]
async fn a_profile_can_name_where_its_keys_come_from() {
    let with = |text: &str| {
        world()
            .variable("AWS_CONFIG_FILE", "/config")
            .variable("AWS_PROFILE", "p")
            .file(
                "/config",
                format!("[profile p]\nrole_arn = arn:aws:iam::1:role/p\n{text}"),
            )
    };
    let world = with("credential_source = Ec2InstanceMetadata\n");
    assert_eq!(aws(&world.ask(usual()).await.unwrap()).0, "p");
    assert!(
        world
            .seen()
            .last()
            .unwrap()
            .header("authorization")
            .contains("Credential=INSTANCE/")
    );
    let world = with("web_identity_token_file = /token\n").file("/token", "jwt");
    world.ask(usual()).await.unwrap();
    assert_eq!(world.seen()[0].field("WebIdentityToken").as_deref(), Some("jwt"));
    let world = with("source_profile = p\naws_access_key_id = AKIDSELF\naws_secret_access_key = s\n");
    world.ask(usual()).await.unwrap();
    assert!(world.seen()[0].header("authorization").contains("Credential=AKIDSELF/"));
    for (text, why) in [
        (
            "source_profile = q\n[profile q]\nrole_arn = r\nsource_profile = p\n",
            "circle",
        ),
        ("source_profile = q\n", "without credentials"),
        ("credential_source = Moon\n", "Ec2InstanceMetadata"),
        ("", "`source_profile`"),
        ("source_profile = p\nmfa_serial = 1\n", "`mfa_serial`"),
        ("credential_process = rm\n", "`credential_process`"),
    ] {
        let error = with(text).ask(usual()).await.unwrap_err();
        assert!(error.message.contains(why), "{text}: {error}");
        assert_eq!(error.kind, ErrorKind::UpstreamAuth);
    }
}

#[tokio::test]
async fn a_profile_asked_for_by_name_must_be_there() {
    let error = world().variable("AWS_PROFILE", "gone").ask(usual()).await.unwrap_err();
    assert!(error.message.contains("`gone`"), "{error}");
}

#[tokio::test]
async fn a_web_identity_is_traded_without_a_signature() {
    let world = world()
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token")
        .variable("AWS_ROLE_ARN", "arn:aws:iam::1:role/pod")
        .variable("AWS_ROLE_SESSION_NAME", "pod-7")
        .variable("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9/")
        .file("/var/run/token", "header.claims.signature\n");
    assert_eq!(aws(&world.ask(usual()).await.unwrap()), ("pod", "s-pod", Some("t&pod")));
    let seen = &world.seen()[0];
    assert_eq!(seen.url, "http://127.0.0.1:9/");
    assert_eq!(seen.field("Action").as_deref(), Some("AssumeRoleWithWebIdentity"));
    assert_eq!(
        seen.field("WebIdentityToken").as_deref(),
        Some("header.claims.signature")
    );
    assert_eq!(seen.field("RoleSessionName").as_deref(), Some("pod-7"));
    assert_eq!(seen.header("authorization"), "");
}

#[tokio::test]
async fn containers_are_asked_where_they_say() {
    let world = world().variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1");
    assert_eq!(
        aws(&world.ask(usual()).await.unwrap()),
        ("CONTAINER", "s-CONTAINER", Some("t-CONTAINER"))
    );
    let seen = &world.seen()[0];
    assert_eq!(seen.url, "http://169.254.170.2/v2/credentials/1");
    assert!(seen.egress.allow_link_local);

    let world = self::world()
        .variable(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://169.254.170.23/v1/credentials",
        )
        .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token")
        .file("/token", "of the pod\n");
    world.ask(usual()).await.unwrap();
    assert_eq!(world.seen()[0].header("authorization"), "of the pod");

    let world = self::world().variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://keys.example/");
    world.ask(usual()).await.unwrap();
    assert!(!world.seen()[0].egress.allow_link_local);

    let world = self::world().variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://keys.example/");
    let error = world.ask(usual()).await.unwrap_err();
    assert!(error.message.contains("must begin with https://"), "{error}");
    assert!(world.seen().is_empty());
}

#[tokio::test]
async fn an_instance_is_asked_last_and_by_the_second_version() {
    let world = world();
    assert_eq!(
        aws(&world.ask(usual()).await.unwrap()),
        ("INSTANCE", "s-INSTANCE", Some("t-INSTANCE"))
    );
    let seen = world.seen();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].url.as_str()),
        ("PUT", "http://169.254.169.254/latest/api/token")
    );
    assert_eq!(seen[0].header("x-aws-ec2-metadata-token-ttl-seconds"), "3600");
    for seen in &seen[1..] {
        assert_eq!(seen.header("x-aws-ec2-metadata-token"), "imds-token");
        assert!(seen.egress.allow_link_local);
    }

    let elsewhere = self::world().variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/");
    elsewhere.ask(usual()).await.unwrap();
    assert_eq!(elsewhere.seen()[0].url, "http://127.0.0.1:1338/latest/api/token");

    let off = self::world().variable("AWS_EC2_METADATA_DISABLED", "true");
    let error = off.ask(usual()).await.unwrap_err();
    assert!(
        error.message.starts_with("no AWS credentials") && off.seen().is_empty(),
        "{error}"
    );
}

#[tokio::test]
async fn what_aws_says_against_it_is_said_on() {
    let error = World::silent().ask(usual()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamFailed);
    assert!(error.message.starts_with("no AWS credentials"), "{error}");

    let denied = World::new(|_| {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: a is not authorized \
                    to perform: sts:AssumeRole</Message></Error></ErrorResponse>";
        Ok((403, body.to_owned()))
    });
    let role = Role {
        arn: "arn:aws:iam::1:role/r".to_owned(),
        external_id: None,
        session_name: None,
    };
    let source = Source::Aws(AwsSource {
        region: "cn-north-1".to_owned(),
        keys: Some(own_keys()),
        role: Some(role),
    });
    let error = denied.ask(source).await.unwrap_err();
    assert_eq!(denied.seen()[0].url, "https://sts.cn-north-1.amazonaws.com.cn/");
    assert_eq!(error.kind, ErrorKind::UpstreamAuth);
    assert_eq!(
        error.message,
        "AWS STS (for the role `arn:aws:iam::1:role/r`) answered with status 403: AccessDenied: User: a is not \
         authorized to perform: sts:AssumeRole"
    );

    let no_role = World::new(|seen| match seen.method.as_str() {
        "PUT" => Ok((200, "t".to_owned())),
        _ => Ok((404, "<html>".to_owned())),
    });
    let error = no_role.ask(usual()).await.unwrap_err();
    assert!(error.message.contains("knows no role"), "{error}");

    let ended = World::new(|seen| {
        let (status, body) = answers(seen)?;
        Ok((status, body.replace("2026-01-01T01", "2025-12-31T23")))
    });
    let error = ended.ask(usual()).await.unwrap_err();
    assert!(error.message.contains("have ended already"), "{error}");
}
