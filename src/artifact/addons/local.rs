//! Paths of local files in addons templates, which give way to addresses in the artifact bucket.
//!
//! The properties are those that `aws cloudformation package` takes; what each of them wants instead of a path is
//! CloudFormation's and SAM's resource reference.

use crate::artifact::key;
use crate::diagnostic::{Diagnostics, Span};
use crate::yaml::node::{Node, Style, Value};

/// A local file or directory that a template names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Its path as written, relative to the project's root.
    pub path: String,
    /// Whether a single file must be put into an archive as well; directories always are.
    pub zipped: bool,
}

/// An object in the artifact bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// The object's key.
    pub key: String,
}

/// Says where a local file is or will be; `None` when nothing is known of the bucket, then the path stays; a message when it
/// can't be read.
pub type Locate<'a> = dyn FnMut(&Wanted) -> Result<Option<Location>, String> + 'a;

/// How a property names an object.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// `s3://bucket/key`.
    Uri,
    /// `https://…`.
    Url,
    /// A map with these two keys for bucket and key.
    Pair(&'static str, &'static str),
}

/// A property that may name a local file.
struct Property {
    resource: &'static str,
    path: &'static [&'static str],
    form: Form,
    zipped: bool,
}

const fn plain(resource: &'static str, path: &'static [&'static str], form: Form) -> Property {
    Property { resource, path, form, zipped: false }
}

const fn zipped(resource: &'static str, path: &'static [&'static str], form: Form) -> Property {
    Property { resource, path, form, zipped: true }
}

const PAIR: Form = Form::Pair("Bucket", "Key");
const S3_PAIR: Form = Form::Pair("S3Bucket", "S3Key");

const PROPERTIES: [Property; 19] = [
    plain("AWS::ApiGateway::RestApi", &["BodyS3Location"], PAIR),
    zipped("AWS::Lambda::Function", &["Code"], S3_PAIR),
    zipped("AWS::Lambda::LayerVersion", &["Content"], S3_PAIR),
    zipped("AWS::Serverless::Function", &["CodeUri"], Form::Uri),
    zipped("AWS::Serverless::LayerVersion", &["ContentUri"], Form::Uri),
    plain("AWS::Serverless::Application", &["Location"], Form::Url),
    plain("AWS::Serverless::Api", &["DefinitionUri"], Form::Uri),
    plain("AWS::Serverless::StateMachine", &["DefinitionUri"], PAIR),
    plain("AWS::AppSync::GraphQLSchema", &["DefinitionS3Location"], Form::Uri),
    plain("AWS::AppSync::Resolver", &["RequestMappingTemplateS3Location"], Form::Uri),
    plain("AWS::AppSync::Resolver", &["ResponseMappingTemplateS3Location"], Form::Uri),
    plain("AWS::AppSync::FunctionConfiguration", &["RequestMappingTemplateS3Location"], Form::Uri),
    plain("AWS::AppSync::FunctionConfiguration", &["ResponseMappingTemplateS3Location"], Form::Uri),
    plain("AWS::ElasticBeanstalk::ApplicationVersion", &["SourceBundle"], S3_PAIR),
    plain("AWS::CloudFormation::Stack", &["TemplateURL"], Form::Url),
    plain("AWS::Glue::Job", &["Command", "ScriptLocation"], Form::Uri),
    plain("AWS::StepFunctions::StateMachine", &["DefinitionS3Location"], PAIR),
    zipped("AWS::CodeCommit::Repository", &["Code", "S3"], PAIR),
    // Not a resource: the transform that pastes in a part of a template.
    plain(INCLUDE, &["Location"], Form::Uri),
];

/// The transform that pastes in a part of a template.
const INCLUDE: &str = "AWS::Include";

/// Puts addresses in place of all local paths of a template.
pub(super) fn place(root: &mut Node, locate: &mut Locate<'_>, found: &mut Diagnostics) {
    if let Some(resources) = get_mut(root, "Resources") {
        for resource in values_mut(resources) {
            let Some(kind) = resource.get("Type").and_then(Node::as_str).map(str::to_owned) else { continue };
            if let Some(properties) = get_mut(resource, "Properties") {
                properties_of(&kind, properties, locate, found);
            }
        }
    }
    if let Some(transform) = get_mut(root, "Transform") {
        match &mut transform.value {
            Value::Sequence(items) => items.iter_mut().for_each(|item| include(item, locate, found)),
            _ => include(transform, locate, found),
        }
    }
    includes(root, locate, found);
}

fn properties_of(kind: &str, node: &mut Node, locate: &mut Locate<'_>, found: &mut Diagnostics) {
    for property in PROPERTIES.iter().filter(|property| property.resource == kind) {
        let target = property.path.iter().try_fold(&mut *node, |node, key| get_mut(node, key));
        if let Some(target) = target {
            replace(target, property, locate, found);
        }
    }
}

/// Every `Fn::Transform` below a node.
fn includes(node: &mut Node, locate: &mut Locate<'_>, found: &mut Diagnostics) {
    if node.tag.as_deref() == Some("!Transform") {
        include(node, locate, found);
    }
    match &mut node.value {
        Value::Scalar(..) => {}
        Value::Sequence(items) => items.iter_mut().for_each(|item| includes(item, locate, found)),
        Value::Mapping(pairs) => {
            for (key, value) in pairs {
                if key.as_str() == Some("Fn::Transform") {
                    match &mut value.value {
                        Value::Sequence(items) => {
                            items.iter_mut().for_each(|item| include(item, locate, found));
                        }
                        _ => include(value, locate, found),
                    }
                }
                includes(value, locate, found);
            }
        }
    }
}

/// The location of one transform, when it is an include.
fn include(transform: &mut Node, locate: &mut Locate<'_>, found: &mut Diagnostics) {
    if transform.get("Name").and_then(Node::as_str) == Some(INCLUDE)
        && let Some(parameters) = get_mut(transform, "Parameters")
    {
        properties_of(INCLUDE, parameters, locate, found);
    }
}

fn replace(node: &mut Node, property: &Property, locate: &mut Locate<'_>, found: &mut Diagnostics) {
    // What is written with a tag is computed, what is a map says bucket and key itself.
    let Some(path) = node.as_str().filter(|_| node.tag.is_none()) else { return };
    if path.is_empty() || is_remote(path) {
        return;
    }
    let wanted = Wanted { path: path.to_owned(), zipped: property.zipped };
    match locate(&wanted) {
        Ok(None) => {}
        Ok(Some(location)) => {
            let span = node.span;
            node.value = match property.form {
                Form::Uri => scalar(format!("s3://{}/{}", location.bucket, location.key)),
                Form::Url => scalar(key::url(&location.bucket, &location.region, &location.key)),
                Form::Pair(bucket, key) => Value::Mapping(vec![
                    (text(span, bucket), text(span, &location.bucket)),
                    (text(span, key), text(span, &location.key)),
                ]),
            };
        }
        Err(message) => {
            found
                .error("addons/local-file", message)
                .at(node.span)
                .help("paths are relative to the parent of the manifest folder; an address begins with s3:// or https://");
        }
    }
}

fn is_remote(path: &str) -> bool {
    ["s3://", "http://", "https://"].iter().any(|scheme| path.starts_with(scheme))
}

fn scalar(text: String) -> Value {
    Value::Scalar(text, Style::Quoted)
}

fn text(span: Span, text: &str) -> Node {
    Node { value: scalar(text.to_owned()), span, tag: None }
}

fn get_mut<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    match &mut node.value {
        Value::Mapping(pairs) => pairs.iter_mut().find(|(k, _)| k.as_str() == Some(key)).map(|(_, v)| v),
        _ => None,
    }
}

fn values_mut(node: &mut Node) -> impl Iterator<Item = &mut Node> {
    let pairs = match &mut node.value {
        Value::Mapping(pairs) => pairs.as_mut_slice(),
        _ => &mut [],
    };
    pairs.iter_mut().map(|(_, value)| value)
}
