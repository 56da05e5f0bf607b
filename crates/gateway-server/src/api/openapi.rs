//! The document of the API (OpenAPI 3.1), put together from the tables of routes and the types that handlers take and
//! give: `GET /api/openapi.json`, and `docs/api/openapi.json` in the repository.

mod schemas;

use std::sync::LazyLock;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::doc::{Doc, Gives};
use super::{Call, Needs, Outcome, Route, TABLES, route};
use crate::respond;
use crate::routes::{self, Described};
use crate::state::Edge;
use schemas::Schemas;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/openapi.json", Public, now show, Doc::of("This document").details(
        "For whoever may use any part of this API."
    )),
];

const ABOUT: &str = "\
One address for every model. The management API is below `/api`; everything else is the inference API, in the shapes that \
the vendors' SDKs speak. Errors of the management API have the shape `Problem`; errors of the inference API are those of \
the path's dialect.";

/// The document does not change while the process runs.
static TEXT: LazyLock<String> = LazyLock::new(text);

fn show(_: &Edge, call: &Call) -> Outcome {
    call.who()?;
    Ok(respond::typed(StatusCode::OK, "application/json", TEXT.as_str()))
}

/// The document, as it is written down.
pub(crate) fn text() -> String {
    format!("{:#}\n", document())
}

fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    let mut add = |path: &str, method: &Method, operation: Value| {
        let path = template(path);
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[method.as_str().to_lowercase()] = operation;
    };
    for route in TABLES.iter().copied().flatten() {
        add(route.path, &route.method, management(route, &mut schemas));
    }
    for described in routes::described() {
        add(&described.path, &described.method, elsewhere(&described));
    }
    let mut paths = Value::Object(paths);
    let mut components = schemas.finish(&mut paths);
    components.insert("Problem".to_owned(), problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "AI gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "bearer": [] }, { "password": [] }, { "session": [] }, {}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": responses(),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "The admin token or an API token; a virtual key for the inference API." },
                "password": { "type": "http", "scheme": "basic", "description": "A user's name and password." },
                "session": { "type": "apiKey", "in": "cookie", "name": "token", "description": "What POST /api/session/login sets." },
            },
        },
    })
}

/// A route of the management API.
fn management(route: &Route, schemas: &mut Schemas) -> Value {
    let doc = &route.doc;
    let mut parameters = in_path(route.path);
    if let Some(query) = doc.query {
        parameters.extend(schemas.parameters(query));
    }
    let done = |content: Value| json!({ "description": "Done", "content": content });
    let (answer, problem) = match doc.gives {
        Gives::Json(make) => (
            done(json!({ "application/json": { "schema": schemas.given(make) } })),
            "Problem",
        ),
        // Whatever it holds is no JSON, of which a schema could speak.
        Gives::Other(kinds) => {
            let content = kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": {} })));
            (done(Value::Object(content.collect())), "Problem")
        }
        Gives::Inference => (json!({ "$ref": "#/components/responses/OfVendor" }), "ErrorOfDialect"),
    };
    let problem = json!({ "$ref": format!("#/components/responses/{problem}") });
    let mut operation = json!({
        "operationId": operation_id(&route.method, route.path),
        "tags": [route.part()],
        "summary": doc.summary,
        "x-needs": needs(route.needs),
        "parameters": parameters,
        "responses": {
            "200": answer,
            "4XX": problem,
            "5XX": problem,
        },
    });
    if !doc.details.is_empty() {
        operation["description"] = json!(doc.details);
    }
    if let Some(takes) = doc.takes {
        operation["requestBody"] = json!({
            "required": doc.needs_body,
            "content": { "application/json": { "schema": schemas.taken(takes) } },
        });
    }
    operation
}

/// A route of the inference API, whose bodies are the vendors', or a fact about the process.
fn elsewhere(described: &Described) -> Value {
    let mut operation = json!({
        "operationId": operation_id(&described.method, &described.path),
        "tags": [described.tag],
        "summary": described.summary,
        "parameters": in_path(&described.path),
        "responses": {
            "200": { "$ref": "#/components/responses/OfVendor" },
            "4XX": { "$ref": "#/components/responses/ErrorOfDialect" },
            "5XX": { "$ref": "#/components/responses/ErrorOfDialect" },
        },
    });
    if described.method == Method::POST {
        operation["requestBody"] = json!({ "content": { described.takes: { "schema": { "type": "object" } } } });
    }
    operation
}

fn needs(needs: Needs) -> &'static str {
    match needs {
        Needs::Public => "public",
        Needs::Viewer => "viewer",
        Needs::Operator => "operator",
        Needs::Admin => "admin",
    }
}

/// The placeholders of a path, as parameters. `{*id}` takes slashes as well, for which OpenAPI has no word.
fn in_path(path: &str) -> Vec<Value> {
    let placeholders = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let parameter = |name: &str| {
        let mut parameter = json!({
            "name": name.trim_start_matches('*'),
            "in": "path",
            "required": true,
            "schema": { "type": "string", "minLength": 1 },
        });
        if name.starts_with('*') {
            parameter["x-takes-slashes"] = json!(true);
        }
        parameter
    };
    placeholders.map(parameter).collect()
}

/// A path as OpenAPI writes it.
fn template(path: &str) -> String {
    path.replace("{*", "{")
}

/// `GET /api/teams/{id}` is `getTeamsById`.
fn operation_id(method: &Method, path: &str) -> String {
    let mut name = method.as_str().to_lowercase();
    for segment in path.trim_start_matches("/api/").split('/') {
        let placeholder = segment.starts_with('{');
        if placeholder {
            name.push_str("By");
        }
        for word in segment.split(|c: char| !c.is_ascii_alphanumeric()) {
            let mut letters = word.chars();
            name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            name.push_str(letters.as_str());
        }
    }
    name
}

/// Answers that many routes have in common.
fn responses() -> Value {
    json!({
        "Problem": {
            "description": "What is wrong, and what would be right",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        },
        "OfVendor": { "description": "What the vendor of the path's dialect documents" },
        "ErrorOfDialect": { "description": "Refused or failed, in the shape of errors of the path's dialect" },
    })
}

/// [`crate::respond::ApiError`] as it is sent.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "An error of the management API",
        "required": ["is_bifrost_error", "status_code", "error", "extra_fields"],
        "properties": {
            "is_bifrost_error": { "type": "boolean" },
            "status_code": { "type": "integer", "description": "The HTTP status once more" },
            "error": {
                "type": "object",
                "required": ["message"],
                "properties": { "message": { "type": "string", "description": "What is wrong, and what would be right" } },
            },
            "extra_fields": { "type": "object" },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own_and_every_reference_leads_somewhere() {
        let document = document();
        let mut names = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap();
                assert!(names.insert(name.to_owned()), "{method} {path}: {name} is there twice");
                assert!(
                    operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                    "{method} {path}"
                );
            }
        }
        let text = document.to_string();
        for reference in text
            .split("\"$ref\":\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            let place = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(place).is_some(), "{reference}");
        }
    }

    #[test]
    fn names_of_operations_are_read_off_their_paths() {
        for (path, name) in [
            ("/api/teams", "getTeams"),
            ("/api/governance/virtual-keys/{id}", "getGovernanceVirtualKeysById"),
            ("/api/governance/budgets/{*id}", "getGovernanceBudgetsById"),
        ] {
            assert_eq!(operation_id(&Method::GET, path), name);
        }
    }
}
