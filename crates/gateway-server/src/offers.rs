//! Self-hosted servers that are noticed on their usual local ports. They are offered, and take traffic only once
//! somebody accepts them.

use std::time::Duration;

use gateway::Gateway;

/// The variable that names other places, or none: `ollama=http://127.0.0.1:11434,vllm=http://127.0.0.1:8000`.
pub(crate) const VARIABLE: &str = "GATEWAY_OFFER_PLACES";

const USUAL: [(&str, &str); 2] = [("ollama", "http://127.0.0.1:11434"), ("vllm", "http://127.0.0.1:8000")];

/// How often is looked again.
const AGAIN: Duration = Duration::from_secs(300);

/// A place to look at: provider name, kind, base URL.
type Place = (String, String, String);

/// Looks now and then, for ever.
pub(crate) async fn watch(gateway: Gateway, places: Vec<Place>) {
    if places.is_empty() {
        return;
    }
    loop {
        for name in gateway.control().notice(&places).await {
            let at = places
                .iter()
                .find(|(place, ..)| *place == name)
                .map_or("", |(_, _, url)| url);
            tracing::info!(
                offer = %name,
                "{name} answers at {at}; accept it in the dashboard, or by POST to /api/offers/{name}/accept"
            );
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// The places that the variable names, else the usual ones. A part that is no `kind=URL` is left out.
pub(crate) fn places(variable: Option<&str>) -> Vec<Place> {
    let place = |kind: &str, url: &str| (kind.to_owned(), kind.to_owned(), url.to_owned());
    match variable {
        None => USUAL.iter().map(|(kind, url)| place(kind, url)).collect(),
        Some(text) => text
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .map(|(kind, url)| place(kind.trim(), url.trim()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_takes_the_place_of_the_usual_ports() {
        assert_eq!(places(None).len(), 2);
        assert!(places(Some("")).is_empty());
        let named = places(Some("ollama=http://127.0.0.1:1, vllm=http://127.0.0.1:2"));
        assert_eq!(named[1], ("vllm".into(), "vllm".into(), "http://127.0.0.1:2".into()));
    }
}
