//! Tools, and whether they must be used.

use gateway_types::DialectName;
use gateway_types::chat::{Request, Tool, ToolChoice, ToolKind, Verbatim};
use gateway_types::loss::Loss;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::model::Abilities;
use super::tree::{Json, Object};
use crate::freeform;

/// What stands in a request about tools.
#[derive(Default)]
pub(super) struct Offer<'a> {
    functions: Vec<Object<'a>>,
    /// Google's own tools.
    own: Vec<Json<'a>>,
    /// Whether a function's arguments must match its schema.
    strict: bool,
}

/// Says the tools.
pub(super) fn tools<'a>(request: &'a Request, able: Abilities, losses: &mut Vec<Loss>) -> Offer<'a> {
    let mut offer = Offer::default();
    let functions = request
        .tools
        .iter()
        .any(|tool| !matches!(tool.kind, ToolKind::Other(_)));
    for (at, tool) in request.tools.iter().enumerate() {
        let path = format!("tools[{at}]");
        if tool.cache.is_some() {
            losses.push(Loss::dropped(
                format!("{path}.cache_control"),
                "prefixes are cached without marks there",
            ));
        }
        match &tool.kind {
            ToolKind::Function { parameters, strict } => {
                if *strict == Some(true) {
                    match able.validates {
                        true => offer.strict = true,
                        false => losses.push(Loss::dropped(
                            format!("{path}.strict"),
                            "this model cannot be held to a schema of arguments",
                        )),
                    }
                }
                let mut function = declaration(tool);
                // Google's JSON Schema says what a schema says; one that says nothing is refused.
                function.maybe(
                    "parametersJsonSchema",
                    parameters.as_deref().filter(|schema| says_something(schema)),
                );
                offer.functions.push(function);
            }
            ToolKind::Custom { format } => {
                losses.push(Loss::emulated(
                    path.as_str(),
                    "a function with one text argument, `input`",
                ));
                let mut function = Object::of("name", &tool.name);
                let described = freeform::description(tool.description.as_deref(), format.as_deref());
                function.maybe("description", described);
                offer
                    .functions
                    .push(function.with("parametersJsonSchema", freeform::parameters()));
            }
            ToolKind::Other(verbatim) if verbatim.dialect == DialectName::Gemini => {
                offer.own.push((&*verbatim.json).into());
            }
            ToolKind::Other(verbatim) => match counterpart(verbatim) {
                Some(_) if functions && !able.mixes => {
                    losses.push(Loss::dropped(
                        path,
                        "this model has either functions or tools of Google's own",
                    ));
                }
                Some(name) => {
                    losses.push(Loss::emulated(path, format!("Google's own tool `{name}`")));
                    offer.own.push(Object::of(name, Object::new()).into());
                }
                None => losses.push(Loss::dropped(path, "a tool of another provider's own")),
            },
        }
    }
    offer
}

fn declaration(tool: &Tool) -> Object<'_> {
    let mut function = Object::of("name", &tool.name);
    function.maybe("description", tool.description.as_ref());
    function
}

/// Whether a schema says anything of the arguments.
fn says_something(schema: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Said<'a> {
        #[serde(rename = "type", borrow)]
        kind: Option<&'a RawValue>,
        #[serde(borrow)]
        properties: Option<&'a RawValue>,
    }
    serde_json::from_str::<Said<'_>>(schema.get()).is_ok_and(|said| said.kind.is_some() || said.properties.is_some())
}

/// Google's tool for what another vendor's own tool does. Their types carry dates (`web_search_20250305`).
fn counterpart(tool: &Verbatim) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: String,
    }
    let kind = serde_json::from_str::<Typed>(tool.json.get()).ok()?.kind;
    [
        ("web_search", "googleSearch"),
        ("web_fetch", "urlContext"),
        ("code_execution", "codeExecution"),
        ("code_interpreter", "codeExecution"),
    ]
    .into_iter()
    .find_map(|(beginning, name)| kind.starts_with(beginning).then_some(name))
}

impl<'a> Offer<'a> {
    /// Offers Google's search as well.
    pub(super) fn search(&mut self) {
        self.own.push(Object::of("googleSearch", Object::new()).into());
    }

    pub(super) fn has_functions(&self) -> bool {
        !self.functions.is_empty()
    }

    /// `toolConfig`.
    pub(super) fn config(&self, request: &'a Request, in_cloud: bool, losses: &mut Vec<Loss>) -> Object<'a> {
        if request.parallel_tools == Some(false) && self.has_functions() {
            losses.push(Loss::dropped(
                "parallel_tool_calls",
                "the model may call several functions at once",
            ));
        }
        let mut config = Object::new();
        if let Some((mode, names)) = self.mode(request, losses) {
            let mut calling = Object::of("mode", mode);
            if !names.is_empty() {
                calling.put(
                    "allowedFunctionNames",
                    names.iter().map(Json::from).collect::<Json<'_>>(),
                );
            }
            config.put("functionCallingConfig", calling);
        }
        // The Gemini API refuses a mixture otherwise; Google Cloud's has no such member.
        if self.has_functions() && !self.own.is_empty() && !in_cloud {
            config.put("includeServerSideToolInvocations", true);
        }
        config
    }

    fn mode(&self, request: &'a Request, losses: &mut Vec<Loss>) -> Option<(&'static str, &'a [String])> {
        if !self.has_functions() {
            if !matches!(request.tool_choice, None | Some(ToolChoice::Auto | ToolChoice::None)) {
                losses.push(Loss::dropped("tool_choice", "there are no functions to choose from"));
            }
            return None;
        }
        Some(match &request.tool_choice {
            None if !self.strict => return None,
            Some(ToolChoice::Auto) if !self.strict => ("AUTO", &[]),
            None | Some(ToolChoice::Auto) => ("VALIDATED", &[]),
            Some(ToolChoice::None) => ("NONE", &[]),
            Some(ToolChoice::Required) => ("ANY", &[]),
            Some(ToolChoice::Tool(name)) => ("ANY", std::slice::from_ref(name)),
            Some(ToolChoice::OneOf { names, required: true }) => ("ANY", names),
            // Names may be given only where calls are held to them.
            Some(ToolChoice::OneOf { names, required: false }) => ("VALIDATED", names),
        })
    }

    /// `tools`.
    pub(super) fn tools(self) -> Option<Json<'a>> {
        let mut tools = self.own;
        if !self.functions.is_empty() {
            let functions: Json<'a> = self.functions.into_iter().map(Json::from).collect();
            tools.push(Object::of("functionDeclarations", functions).into());
        }
        (!tools.is_empty()).then_some(Json::Array(tools))
    }
}
