//! The list of models: those that are called by their own ids, and then the profiles that spread one over regions, which is
//! how the newer ones are called ("ListFoundationModels" and "ListInferenceProfiles", Amazon Bedrock API Reference).

use gateway_types::Error;
use serde::Deserialize;

use super::error;
use crate::dialect::ModelPage;

/// Where the profiles are listed.
const PROFILES: &str = "/inference-profiles?maxResults=1000";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    model_summaries: Option<Vec<Model>>,
    inference_profile_summaries: Option<Vec<Profile>>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    model_id: String,
    #[serde(default)]
    inference_types_supported: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    inference_profile_id: String,
    inference_profile_arn: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Reads one page.
pub(super) fn read(body: &[u8]) -> Result<ModelPage, Error> {
    let list: List = serde_json::from_slice(body).map_err(|why| error::unreadable("a list of models", &why))?;
    if let Some(models) = list.model_summaries {
        return Ok(ModelPage {
            ids: models
                .into_iter()
                .filter(Model::is_called_by_id)
                .map(|model| model.model_id)
                .collect(),
            next: Some(PROFILES.to_owned()),
        });
    }
    let Some(profiles) = list.inference_profile_summaries else {
        return Err(error::unreadable(
            "a list of models",
            &"it lists neither models nor profiles",
        ));
    };
    let next = list.next_token.filter(|token| !token.is_empty());
    Ok(ModelPage {
        ids: profiles.into_iter().map(Profile::id).collect(),
        next: next.map(|token| format!("{PROFILES}&nextToken={}", crate::address::segment(&token))),
    })
}

impl Model {
    /// Some can only be called through a profile; their own ids are refused.
    fn is_called_by_id(&self) -> bool {
        let types = &self.inference_types_supported;
        types.is_empty() || types.iter().any(|kind| kind == "ON_DEMAND")
    }
}

impl Profile {
    /// The system's profiles go by their ids, an application's own by its ARN.
    fn id(self) -> String {
        match (self.kind.as_deref(), self.inference_profile_arn) {
            (Some("APPLICATION"), Some(arn)) => arn,
            _ => self.inference_profile_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_come_first_and_profiles_after_them() {
        let models = br#"{"modelSummaries":[
            {"modelArn":"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0","modelId":"amazon.nova-lite-v1:0","inferenceTypesSupported":["ON_DEMAND"]},
            {"modelArn":"a","modelId":"anthropic.claude-sonnet-4-6","inferenceTypesSupported":["INFERENCE_PROFILE"]},
            {"modelArn":"a","modelId":"meta.llama3-8b-instruct-v1:0"}]}"#;
        let page = read(models).unwrap();
        assert_eq!(page.ids, ["amazon.nova-lite-v1:0", "meta.llama3-8b-instruct-v1:0"]);
        assert_eq!(page.next.as_deref(), Some("/inference-profiles?maxResults=1000"));
        let profiles = br#"{"inferenceProfileSummaries":[
            {"inferenceProfileId":"us.anthropic.claude-sonnet-4-6","inferenceProfileArn":"arn:x","type":"SYSTEM_DEFINED"},
            {"inferenceProfileId":"abc","inferenceProfileArn":"arn:aws:bedrock:us-east-1:1:application-inference-profile/abc","type":"APPLICATION"}],
            "nextToken":"a/b="}"#;
        let page = read(profiles).unwrap();
        assert_eq!(
            page.ids,
            [
                "us.anthropic.claude-sonnet-4-6",
                "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"
            ]
        );
        assert_eq!(
            page.next.as_deref(),
            Some("/inference-profiles?maxResults=1000&nextToken=a%2Fb%3D")
        );
        assert_eq!(
            read(br#"{"inferenceProfileSummaries":[]}"#).unwrap(),
            ModelPage::default()
        );
        assert!(read(b"{}").is_err());
    }
}
