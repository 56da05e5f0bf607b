//! Signatures: AWS's published examples, and what AWS's own tools make of addresses of Bedrock.

use bytes::Bytes;
use gateway_providers::WireRequest;
use gateway_providers::cloud::{AwsKeys, sign};
use gateway_types::json::Slices;
use gateway_types::{Secret, Wall};
use http::HeaderMap;

struct Case {
    request: (&'static str, &'static str),
    content_type: Option<&'static str>,
    body: &'static [&'static str],
    token: Option<&'static str>,
    scope: (&'static str, &'static str),
    signed: &'static str,
    signature: &'static str,
}

fn request(case: &Case) -> WireRequest {
    let (method, url) = case.request;
    let mut headers = HeaderMap::new();
    headers.insert("user-agent", "gateway/1".parse().unwrap());
    headers.insert("accept-encoding", "identity".parse().unwrap());
    if let Some(content_type) = case.content_type {
        headers.insert("content-type", content_type.parse().unwrap());
    }
    WireRequest {
        method: method.parse().unwrap(),
        uri: url.parse().unwrap(),
        headers,
        body: Slices(
            case.body
                .iter()
                .map(|slice| Bytes::from_static(slice.as_bytes()))
                .collect(),
        ),
    }
}

fn check(case: &Case) {
    let (region, service) = case.scope;
    let keys = AwsKeys {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        session_token: case.token.map(Secret::new),
    };
    let at = Wall::parse_rfc3339("2015-08-30T12:36:00Z").unwrap();
    let mut wire = request(case);
    // Twice: a signature that is there already must not count.
    for _ in 0..2 {
        sign(&mut wire, &keys, region, service, at).unwrap();
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/{region}/{service}/aws4_request, \
             SignedHeaders={}, Signature={}",
            case.signed, case.signature
        );
        assert_eq!(wire.headers["authorization"], expected.as_str(), "{}", case.request.1);
        assert_eq!(wire.headers["x-amz-date"], "20150830T123600Z");
        let token = wire
            .headers
            .get("x-amz-security-token")
            .map(|token| token.to_str().unwrap());
        assert_eq!(token, case.token);
        assert!(wire.headers["authorization"].is_sensitive());
    }
}

/// AWS, "Signature Version 4 test suite" (`get-vanilla`, `get-vanilla-with-session-token`) and the worked example of
/// the IAM guide.
#[test]
fn the_published_examples_come_out() {
    let vanilla = Case {
        request: ("GET", "https://example.amazonaws.com/"),
        content_type: None,
        body: &[],
        token: None,
        scope: ("us-east-1", "service"),
        signed: "host;x-amz-date",
        signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    };
    check(&vanilla);
    check(&Case {
        token: Some("6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"),
        signed: "host;x-amz-date;x-amz-security-token",
        signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        ..vanilla
    });
    check(&Case {
        request: ("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
        content_type: Some("application/x-www-form-urlencoded; charset=utf-8"),
        body: &[],
        token: None,
        scope: ("us-east-1", "iam"),
        signed: "content-type;host;x-amz-date",
        signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    });
}

/// Names of models with `:` in them, ARNs with `/` too, a query, a body in slices. The signatures are those of AWS's
/// Python tools (botocore 1.44) for the same requests.
#[test]
fn addresses_of_bedrock_are_signed_as_awss_own_tools_do() {
    let converse = Case {
        request: (
            "POST",
            "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse",
        ),
        content_type: Some("application/json"),
        body: &["{\"mess", "", "ages\":[]}"],
        token: None,
        scope: ("us-east-1", "bedrock"),
        signed: "content-type;host;x-amz-date",
        signature: "ee3e967ae4ec1f2a508f8404898701ed432f406a68f3e403e8f509cb32e6fc0b",
    };
    check(&converse);
    check(&Case {
        request: (
            "POST",
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012\
             %3Ainference-profile%2Feu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream",
        ),
        body: &[
            "{\"messages\":[{\"role\":\"user\",",
            "\"content\":[{\"text\":\"hi\"}]}]}",
        ],
        token: Some("FwoGZXIvYXdzEXAMPLE//token=="),
        scope: ("eu-west-1", "bedrock"),
        signed: "content-type;host;x-amz-date;x-amz-security-token",
        signature: "b507733d1e7ee23088f26641ec625d3c979174897eafe0b655b542566f790b4f",
        ..converse
    });
    check(&Case {
        request: (
            "GET",
            "https://bedrock.us-west-2.amazonaws.com/inference-profiles?maxResults=1000&nextToken=a%2Bb%3D%3D",
        ),
        content_type: None,
        body: &[],
        token: None,
        scope: ("us-west-2", "bedrock"),
        signed: "host;x-amz-date",
        signature: "03a2aa43c002d674f9577daede091ead955a83c0414c46d62e99a6a7437c25e7",
    });
}

#[test]
fn a_request_without_a_host_is_an_error() {
    let mut wire = WireRequest {
        method: http::Method::GET,
        uri: "/path".parse().unwrap(),
        headers: HeaderMap::new(),
        body: Slices::default(),
    };
    let keys = AwsKeys {
        access_key_id: "AKID".to_owned(),
        secret_access_key: Secret::new("secret"),
        session_token: None,
    };
    let error = sign(&mut wire, &keys, "us-east-1", "bedrock", Wall::from_millis(0)).unwrap_err();
    assert!(error.message.contains("no host"), "{}", error.message);
}
