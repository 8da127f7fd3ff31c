//! Hostile texts in every place of every type's manifests: a manifest has a clear error, or its stack is the one of a
//! harmless text with the other text in its place: no other key, no other kind of value, no other value.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

#[path = "../fuzz/src/documents.rs"]
#[expect(dead_code, reason = "the fuzz targets themselves are called by tests/corpora.rs")]
mod documents;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use documents::Reader;
use serde_json::{Value, json};
use wharf::diagnostic::Source;
use wharf::manifest::catalogue::{DOCUMENTS, Document};
use wharf::manifest::shape::Shape;
use wharf::stack::Stack;
use wharf::ui::diagnostic::draw;
use wharf::yaml::node::{self, Node, Span, Value as Yaml};
use wharf::yaml::template;

/// A harmless text that stands nowhere else.
const PLAIN: &str = "bxq7";
/// Everything that means something to YAML, CloudFormation, minijinja, shells and terminals.
const EVERYTHING: &str = "\"'\\`$(id)${AWS::AccountId} !Ref x {{ y }}{% z %}{# c #}\n  Evil:\n    Type: AWS::IAM::Role\r\n\t\
    ---\n...\u{0}\u{1b}[31m\u{7f}\u{85}\u{2028}\u{feff}\u{202e}\u{1f4a5}&a *b |; #<<: %>";
/// One thing each: what checks the whole refuses may let a part through.
const PARTS: &[&str] = &[
    "\"",
    "'",
    "\\",
    "\n",
    " ",
    "\t",
    "${AWS::AccountId}",
    "${Evil}",
    "!Ref AppName",
    "{{ name }}",
    "{% if x %}",
    "{#",
    "\u{0}",
    "\u{feff}",
    "\u{202e}abc",
    "\u{1b}]0;x\u{7}",
    "\u{85}",
    "\u{2028}",
    "\u{1f4a5}",
    "null",
    "true",
    "~",
    "1e3",
    "0x10",
    "2020-01-01",
    "- a",
    "a: b",
    " #",
    "%",
    "*",
    "&a",
    "`id`",
    "$(id)",
    "; id",
    "|",
    "..",
    "../../../etc/passwd",
    "/",
    "a,b",
    "{",
    "]",
    "<<",
    "\"}}, \"Resources\": {\"Evil\": {",
    "\r\n",
    "@",
    "?",
    "=",
    "*:*",
    "\u{e9}",
    "\u{3000}",
];
/// How many of the parts each place is tried with.
const PARTS_EACH: usize = 1;

/// What the maximal manifests do not show, as it can't stand beside the rest: short and other forms.
const MORE: &[(&str, &str)] = &[
    (
        "load-balanced-web-service",
        "name: web\ntype: Load Balanced Web Service\nimage: {location: 'web:1', port: 80, depends_on: {proxy: start}}
http: {path: web, healthcheck: /health, alias: [web.example.com, www.example.com], hosted_zone: Z1, version: grpc,
additional_rules: [{path: api, healthcheck: /api, alias: [api.example.com]}]}
nlb: {port: 443/tls, alias: [{name: nlb.example.com}, b.example.com], ssl_policy: ELBSecurityPolicy-2016-08, target_container: proxy}
entrypoint: [one, two]\ncommand: sh -c x\nsidecars: {proxy: {image: 'proxy:1', port: 9000/tcp, command: [a, b],
entrypoint: x y}}\nnetwork: {vpc: {placement: {subnets: [subnet-1]}, security_groups: [sg-1]}, connect: true}
storage: {volumes: {data: {path: /data, efs: {id: fs-1}}}}\ndeployment: {rollback_alarms: [down]}\nplatform: linux/arm64
logging: {destination: {Name: x}, configFilePath: /a}\ncount: {spot: 1}
taskdef_overrides: [{path: IpcMode, value: task}]\n",
    ),
    (
        "load-balanced-web-service",
        "name: web\ntype: Load Balanced Web Service\nimage: {build: web/Dockerfile, port: 80}
http: {path: /, alias: web.example.com, additional_rules: [{path: api, alias: api.example.com}]}
network: {vpc: {security_groups: [{from_cfn: groups}]}}\nexec: true\ncount: {range: 1-3, cpu_percentage: 50}
nlb: {port: 80/tcp, alias: nlb.example.com, additional_listeners: [{port: 81/tcp, healthcheck: {port: 80}}]}
sidecars: {proxy: {image: {build: proxy/Dockerfile}, entrypoint: x}}\n",
    ),
    (
        "backend-service",
        "name: api\ntype: Backend Service\nimage: {location: 'api:1', port: 80}\ncommand: run it\nentrypoint: [a, b]
http: {path: api, healthcheck: /up, alias: [api.example.com, b.example.com], additional_rules: [{path: b, alias: b.example.com,
healthcheck: /b}]}\nsidecars: {proxy: {image: {build: Dockerfile}, port: 9000/udp, command: [a], entrypoint: x y}}
network: {vpc: {placement: {subnets: [subnet-1]}, security_groups: [sg-1, {from_cfn: groups}]}}\nplatform: linux/arm64
deployment: {rollback_alarms: [down], strategy: canary, bake_time: 5m, canary: {percent: 5, bake_time: 10m}}
count: {range: 1-3, cpu_percentage: 50}
taskdef_overrides: [{path: IpcMode, value: task}]\n",
    ),
    (
        "backend-service",
        "name: api\ntype: Backend Service\nimage: {build: Dockerfile, port: 80}\nhttp: {path: api, alias: api.example.com,
additional_rules: [{path: b, alias: [b.example.com]}]}\ndeployment: {strategy: linear, linear: {step: 10, bake_time: 6m}}\nnetwork: {vpc: {placement: private}}\n",
    ),
    (
        "worker-service",
        "name: work\ntype: Worker Service\nimage: {location: 'work:1', depends_on: {proxy: start}}\ncommand: a b
entrypoint: [a, b]\nsidecars: {proxy: {image: 'proxy:1', command: [a], entrypoint: x y}}\nplatform: linux/arm64
subscribe: {topics: [{name: paid, service: shop, queue: {fifo: true}, filter_policy: {store: north}}]}
network: {vpc: {placement: {subnets: [subnet-1]}, security_groups: [sg-1, {from_cfn: groups}]}}
deployment: {rollback_alarms: [down]}\ncount: {range: 1-3, cpu_percentage: 50}
taskdef_overrides: [{path: IpcMode, value: task}]\n",
    ),
    (
        "worker-service",
        "name: work\ntype: Worker Service\nimage: {build: Dockerfile}\nsidecars: {proxy: {image: {build: Dockerfile}}}
subscribe: {topics: [{name: paid, service: shop}], queue: {fifo: {high_throughput: true, content_based_deduplication: true}}}\n",
    ),
    (
        "request-driven-web-service",
        "name: rd\ntype: Request-Driven Web Service\nimage: {location: 'public.ecr.aws/a/b:1', port: 80}
http: {healthcheck: /health}\ncommand: run it\nplatform: linux/amd64\nnetwork: {vpc: {placement: {subnets: [subnet-1]}}}
count: scaling/1\n",
    ),
    (
        "request-driven-web-service",
        "name: rd\ntype: Request-Driven Web Service\nimage: {build: Dockerfile, port: 80}\nnetwork: {vpc: {placement: private}}\n",
    ),
    (
        "scheduled-job",
        "name: job\ntype: Scheduled Job\non: {schedule: '@daily'}\nimage: {location: 'job:1'}\ncommand: a b
entrypoint: [a, b]\nnetwork: {vpc: {placement: {subnets: [subnet-1]}, security_groups: [sg-1, {from_cfn: groups}]}}
sidecars: {proxy: {image: 'proxy:1', command: [a], entrypoint: x y}}\nplatform: linux/arm64
taskdef_overrides: [{path: IpcMode, value: task}]\n",
    ),
    (
        "scheduled-job",
        "name: job\ntype: Scheduled Job\non: {schedule: none}\nimage: {build: Dockerfile}\nnetwork: {vpc: {placement: private}}
sidecars: {proxy: {image: {build: Dockerfile}}}\n",
    ),
    ("static-site", "name: docs\ntype: Static Site\nhttp: {alias: docs.example.com}\nfiles: [{source: docs, exclude: '*.md', reinclude: ['a.md']}]\n"),
    (
        "static-site",
        "name: docs\ntype: Static Site\nfiles: [{source: docs, recursive: true, exclude: ['*.md'], reinclude: a.md}]\n",
    ),
    (
        "environment",
        "name: test\ntype: Environment\nnetwork: {vpc: {id: vpc-1, subnets: {private: [{id: subnet-1}, {id: subnet-2}],
public: [{id: subnet-3}, {id: subnet-4}]}}}\nhttp: {private: {subnets: [subnet-1, subnet-2], security_groups: {ingress:
{from_vpc: true}}}, public: {security_groups: {ingress: {restrict_to: {source_ips: [192.0.2.0/24]}}}}}\n",
    ),
    (
        "pipeline",
        "name: main\nversion: 1\nsource: {provider: GitHub, properties: {repository: acme/shop, access_token_secret: token}}
stages: [{name: test, test_commands: [make test, make more]}]\n",
    ),
    (
        "pipeline",
        "name: main\nversion: 1\nsource: {provider: Bitbucket, properties: {repository: 'https://bitbucket.org/acme/shop'}}
stages: [{name: test, deployments: {api: {stack_name: shop-test-api}, db: {depends_on: [api]}}}]\n",
    ),
];

/// Fields whose text says where or what the rest is, so that another text may well mean another shape: what is written
/// must still read back.
const LANGUAGES: &[&str] = &[
    "taskdef_overrides[].path",
    // Addresses with a colon are of IPv6, which has a key of its own.
    "http.public.ingress.source_ips[]",
    "http.public.security_groups.ingress.restrict_to.source_ips[]",
];
/// Keys of lists made from a text as a shell splits it.
const WORDS: [&str; 2] = ["Command", "EntryPoint"];

/// A scalar of a manifest.
struct Place {
    /// Its path, as shapes write it; with ` (key)` behind it for a key of the user's.
    path: String,
    span: Span,
    /// What stands there.
    text: String,
}

fn places(node: &Node, known: &BTreeSet<String>, at: &str, out: &mut Vec<Place>) {
    let place = |path: String, node: &Node| {
        Some(Place { path, span: node.span, text: node.as_str()?.to_owned() })
            .filter(|_| node.span.start < node.span.end)
    };
    match &node.value {
        Yaml::Scalar(..) => out.extend(place(at.to_owned(), node)),
        Yaml::Sequence(items) => items.iter().for_each(|item| places(item, known, &format!("{at}[]"), out)),
        Yaml::Mapping(pairs) => {
            for (key, value) in pairs {
                let name = key.as_str().unwrap();
                let own = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
                let path = if known.contains(&own) {
                    own
                } else if at == "environments.<key>" && known.contains(name) {
                    // A section of an environment has the fields of the document.
                    name.to_owned()
                } else {
                    let path = format!("{at}.<key>");
                    out.extend(place(format!("{path} (key)"), key));
                    path
                };
                places(value, known, &path, out);
            }
        }
    }
}

/// A text in double quotes, as YAML reads it back whatever it holds.
fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out + "\""
}

/// A manifest with one of its scalars replaced.
struct Trial<'a> {
    document: &'static Document,
    text: &'a str,
    place: &'a Place,
}

impl Trial<'_> {
    /// The stack with `text` in the place, or what is wrong with it. `through`: the text is what a variable of the
    /// process holds.
    fn render(&self, text: &str, through: bool) -> Result<Value, String> {
        let Span { start, end, .. } = self.place.span;
        let written = if through {
            "\"${HOSTILE}\"".to_owned()
        } else {
            // Names stay as they are behind a backslash.
            quoted(&if self.document.slug == "pipeline" || self.place.path.ends_with("(key)") {
                text.to_owned()
            } else {
                text.replace("${E", "\\${E")
            })
        };
        let manifest = format!("{}{written}{}", &self.text[..start], &self.text[end..]);
        let source = Source { path: "manifest.yml".to_owned(), text: manifest };
        let lookup = |name: &str| match name {
            "HOSTILE" => Some(text.to_owned()),
            name => lookup(name),
        };
        let (stack, out) = reader(self.document)(&source, "test", &lookup);
        let drawn = draw(&source, out.items(), false);
        let shown =
            drawn.chars().find(|c| c.is_control() && *c != '\n' || "\u{202e}\u{feff}\u{2028}".contains(*c));
        assert_eq!(shown, None, "{}: {text:?} reaches the terminal as it is:\n{drawn:?}", self.name());
        let Some(stack) = stack else {
            // What does not fit the facts is said without a place, by the stack.
            assert!(!out.has_errors() || drawn.contains("manifest.yml:"), "{}: {drawn}", self.name());
            return Err(drawn);
        };
        let read = template::parse(&stack.template_yaml())
            .unwrap_or_else(|error| panic!("{}: {error}", self.name()));
        assert!(read == stack.template, "{}: written and read differ for {text:?}", self.name());
        let mut template = stack.template;
        // The manifest is embedded as a text.
        if let Some(manifest) = template.pointer_mut("/Metadata/Manifest") {
            assert!(manifest.is_string(), "{}", self.name());
            *manifest = Value::Null;
        }
        for section in ["Parameters", "Conditions", "Resources", "Outputs"] {
            for id in template[section].as_object().into_iter().flat_map(serde_json::Map::keys) {
                assert!(
                    id.chars().all(|c| c.is_ascii_alphanumeric()),
                    "{}: {section} has {id:?}",
                    self.name()
                );
            }
        }
        Ok(
            json!({"name": stack.name, "template": template, "parameters": stack.parameters, "tags": stack.tags}),
        )
    }

    fn name(&self) -> String {
        format!("{}: {}", self.document.slug, self.place.path)
    }
}

/// A harmless text and the one that stands in its place.
struct Swap<'a> {
    plain: &'a str,
    other: &'a str,
}

impl Swap<'_> {
    /// Whether a text is another one only because of the swap. `sub`: CloudFormation replaces names in it.
    fn text(&self, plain: &str, other: &str, sub: bool) -> bool {
        let in_json = |text: &str| {
            let quoted = Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        };
        let alphanumeric = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let becomes = |from: &str, to: &str| {
            !from.is_empty() && plain.contains(from) && plain.replace(from, to) == other
        };
        if plain == other {
            return true;
        }
        if sub {
            return becomes(self.plain, &self.other.replace("${", "${!"));
        }
        becomes(self.plain, self.other)
            || becomes(self.plain.trim(), self.other.trim())
            || becomes(self.plain, &in_json(self.other))
            || becomes(&alphanumeric(self.plain), &alphanumeric(self.other))
    }

    /// Where two values differ by more than the swap.
    fn differ(&self, plain: &Value, other: &Value, at: &str, sub: bool) -> Option<String> {
        match (plain, other) {
            (Value::Object(a), Value::Object(b)) => {
                let others = |map: &serde_json::Map<String, Value>| -> BTreeSet<String> {
                    map.keys().filter(|key| !WORDS.contains(&key.as_str())).cloned().collect()
                };
                if others(a).len() != others(b).len() {
                    let all: Vec<_> = others(a).symmetric_difference(&others(b)).cloned().collect();
                    return Some(format!("{at}: other keys: {all:?}"));
                }
                for words in WORDS.iter().filter_map(|key| b.get(*key)) {
                    if !words.as_array().is_some_and(|words| words.iter().all(Value::is_string)) {
                        return Some(format!("{at}: {words} are no words"));
                    }
                }
                for (key, value) in a.iter().filter(|(key, _)| !WORDS.contains(&key.as_str())) {
                    let same = |(name, _): &(&String, &Value)| self.text(key, name, false);
                    let Some((_, found)) = b.get_key_value(key).or_else(|| b.iter().find(same)) else {
                        return Some(format!("{at}: no key {key:?}"));
                    };
                    let sub = sub || key == "Fn::Sub";
                    if let Some(found) = self.differ(value, found, &format!("{at}.{key}"), sub) {
                        return Some(found);
                    }
                }
                None
            }
            (Value::Array(a), Value::Array(b)) => {
                if a.len() != b.len() {
                    return Some(format!("{at}: {} items, not {}", b.len(), a.len()));
                }
                let pairs = a.iter().zip(b).enumerate();
                let first =
                    pairs.filter_map(|(n, (a, b))| self.differ(a, b, &format!("{at}[{n}]"), sub)).next()?;
                // Lists made from maps are sorted by the user's keys.
                let mut left: Vec<&Value> = b.iter().collect();
                for item in a {
                    let found = left.iter().position(|other| self.differ(item, other, at, sub).is_none());
                    let Some(found) = found else { return Some(first) };
                    left.remove(found);
                }
                None
            }
            (Value::String(a), Value::String(b)) => {
                if self.text(a, b, sub) {
                    return None;
                }
                // A document inside a text.
                let parse = |text: &str| {
                    let json = serde_json::from_str::<Value>(text).ok();
                    json.or_else(|| template::parse(text).ok())
                        .filter(|tree| tree.is_object() || tree.is_array())
                };
                if let (Some(a), Some(b)) = (parse(a), parse(b)) {
                    return self.differ(&a, &b, &format!("{at}<text>"), sub);
                }
                Some(format!("{at}: {b:?}, not {a:?} with another text"))
            }
            (a, b) if a == b => None,
            (a, b) => Some(format!("{at}: {b}, not {a}")),
        }
    }
}

/// What is wrong with a text in a place, if anything.
fn try_text(
    trial: &Trial<'_>,
    hostile: &str,
    through: bool,
    plains: &mut BTreeMap<String, Option<Value>>,
) -> Option<String> {
    let rendered = trial.render(hostile, through).ok()?;
    if LANGUAGES.contains(&trial.place.path.as_str()) {
        return None;
    }
    let mut found = None;
    let original = trial.place.text.as_str();
    let with_original = hostile.strip_prefix(original).filter(|rest| !rest.is_empty());
    let candidates = match with_original {
        // What takes nothing else is a word, a number or the like: the stack may be that of the manifest.
        Some(_) => vec![format!("{original}{PLAIN}"), original.to_owned()],
        // Lists are sorted, here before other names and there behind them.
        None => vec![PLAIN.to_owned(), format!("z{PLAIN}"), format!("/{PLAIN}"), original.to_owned()],
    };
    for plain in candidates {
        let stack = plains.entry(plain.clone()).or_insert_with(|| trial.render(&plain, false).ok());
        let Some(stack) = stack else { continue };
        // Names of what is known are replaced in both.
        let known = |text: &str| {
            text.replace("${COPILOT_APPLICATION_NAME}", "shop")
                .replace("${COPILOT_ENVIRONMENT_NAME}", "test")
                .replace("${TAG}", "v1")
        };
        match (Swap { plain: &known(&plain), other: &known(hostile) }).differ(stack, &rendered, "", false) {
            None => return None,
            Some(difference) => found = found.or(Some(difference)),
        }
    }
    Some(found.unwrap_or_else(|| "taken, though a harmless text is not".to_owned()))
}

fn manifests(document: &'static Document) -> Vec<String> {
    let more = MORE.iter().filter(|(slug, _)| *slug == document.slug).map(|(_, text)| (*text).to_owned());
    let mut all = vec![document.example.to_owned()];
    all.extend(more);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/valid");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let of_type = format!("type: {}", document.name);
    all.extend(
        files
            .iter()
            .filter_map(|file| fs::read_to_string(file).ok())
            .filter(|text| text.lines().any(|line| line.trim_end() == of_type)),
    );
    all
}

fn reader(document: &Document) -> Reader {
    match document.slug {
        "environment" => documents::environment_stack,
        "pipeline" => documents::pipeline_stack,
        _ => documents::workload_stack,
    }
}

/// What stands for the names in values.
fn lookup(name: &str) -> Option<String> {
    (name == "TAG").then(|| "v1".to_owned())
}

/// Every place of a type once, in a manifest that shows it.
fn all_places(document: &'static Document) -> Vec<(String, Place)> {
    let known: BTreeSet<String> = document.paths().into_iter().collect();
    let mut seen = BTreeSet::new();
    let mut out = vec![];
    for text in manifests(document) {
        let source = Source { path: "manifest.yml".to_owned(), text: text.clone() };
        let (stack, found) = reader(document)(&source, "test", &lookup);
        assert!(stack.is_some(), "{text}\n{}", draw(&source, found.items(), false));
        let mut found = vec![];
        places(&node::parse(&text).unwrap(), &known, "", &mut found);
        out.extend(
            found
                .into_iter()
                .filter(|place| seen.insert(place.path.clone()))
                .map(|place| (text.clone(), place)),
        );
    }
    out
}

fn holds(slug: &str) {
    let document = DOCUMENTS.iter().find(|document| document.slug == slug).unwrap();
    let mut found = vec![];
    for (number, (text, place)) in all_places(document).iter().enumerate() {
        let trial = Trial { document, text, place };
        let mut plains = BTreeMap::new();
        let through = slug != "pipeline" && !place.path.ends_with("(key)");
        let mut texts =
            vec![(EVERYTHING.to_owned(), through), (format!("{}{EVERYTHING}", place.text), false)];
        for n in 0..PARTS_EACH {
            let part = PARTS[(number * PARTS_EACH + n) % PARTS.len()];
            let front = if n % 2 == 0 { "" } else { &place.text };
            texts.push((format!("{front}{part}"), false));
        }
        for (hostile, through) in texts {
            if let Some(what) = try_text(&trial, &hostile, through, &mut plains) {
                found.push(format!("{}: {hostile:?}: {what}", trial.name()));
            }
        }
    }
    assert!(found.is_empty(), "{}\n{} in all", found.join("\n"), found.len());
}

/// The stack of every manifest here, with a name.
fn all_stacks() -> Vec<(String, Stack)> {
    let mut all = vec![];
    for document in DOCUMENTS {
        for (number, text) in manifests(document).into_iter().enumerate() {
            let source = Source { path: "manifest.yml".to_owned(), text };
            let (stack, found) = reader(document)(&source, "test", &lookup);
            let drawn = draw(&source, found.items(), false);
            let stack = stack.unwrap_or_else(|| panic!("{}\n{drawn}", source.text));
            all.push((format!("{}-{number}", document.slug), stack));
        }
    }
    all
}

#[test]
fn the_same_manifest_gives_the_same_bytes() {
    for ((name, first), (_, second)) in all_stacks().into_iter().zip(all_stacks()) {
        assert_eq!(first.template_yaml(), second.template_yaml(), "{name}");
        assert_eq!(first.parameters_json(), second.parameters_json(), "{name}");
    }
}

/// 100 kB in some places of each type: nothing is cut, and nothing takes forever.
#[test]
fn long_texts() {
    let long = format!("long \"text\" ${{}} \u{e9} {EVERYTHING}").repeat(700);
    assert!(long.len() > 100_000);
    for document in DOCUMENTS {
        for (text, place) in all_places(document).iter().skip(3).step_by(29) {
            let trial = Trial { document, text, place };
            let found = try_text(&trial, &format!("{}{long}", place.text), false, &mut BTreeMap::new());
            assert_eq!(
                found.map(|found| found.chars().take(400).collect::<String>()),
                None,
                "{}",
                trial.name()
            );
        }
    }
}

#[test]
fn load_balanced_web_services() {
    holds("load-balanced-web-service");
}

#[test]
fn backend_services() {
    holds("backend-service");
}

#[test]
fn worker_services() {
    holds("worker-service");
}

#[test]
fn request_driven_web_services() {
    holds("request-driven-web-service");
}

#[test]
fn scheduled_jobs() {
    holds("scheduled-job");
}

#[test]
fn static_sites() {
    holds("static-site");
}

#[test]
fn environments() {
    holds("environment");
}

#[test]
fn pipelines() {
    holds("pipeline");
}

/// Whether a value of this shape may be a text.
fn takes_text(shape: &Shape) -> bool {
    match shape {
        Shape::Text { .. } | Shape::Pattern { .. } | Shape::Any => true,
        Shape::Either { short, full } => takes_text(&short()) || takes_text(&full()),
        _ => false,
    }
}

/// Paths below a shape whose value may be a text, those of list items and of the user's maps among them.
fn text_paths(shape: &Shape, at: &str, out: &mut BTreeSet<String>) {
    if takes_text(shape) && !at.is_empty() {
        out.insert(at.to_owned());
    }
    match shape {
        Shape::List { item } => text_paths(&item(), &format!("{at}[]"), out),
        Shape::Map { value } => {
            out.insert(format!("{at}.<key> (key)"));
            text_paths(&value(), &format!("{at}.<key>"), out);
        }
        Shape::Either { short, full } => {
            text_paths(&short(), at, out);
            text_paths(&full(), at, out);
        }
        Shape::Object(object) => {
            for field in object.all() {
                let path = if at.is_empty() { field.key.to_owned() } else { format!("{at}.{}", field.key) };
                text_paths(&(field.shape)(), &path, out);
            }
        }
        _ => {}
    }
}

/// Fields that no manifest can show: they are refused wherever they stand.
const REFUSED: &[(&str, &str)] = &[
    ("backend-service", "http.alb"),
    ("load-balanced-web-service", "nlb.alias[].hosted_zone"),
    ("environment", "http.private.security_groups.ingress.restrict_to.source_ips[]"),
    // Anything by its shape, in truth a map.
    ("pipeline", "build.additional_policy.PolicyDocument"),
];

/// A field without a text in any manifest here would be tried by nobody.
#[test]
fn no_field_that_takes_a_text_is_left_out() {
    let mut missing = vec![];
    for document in DOCUMENTS {
        let mut wanted = BTreeSet::new();
        text_paths(&Shape::Object(document.object), "", &mut wanted);
        let tried: BTreeSet<String> = all_places(document).into_iter().map(|(_, place)| place.path).collect();
        missing.extend(
            wanted
                .difference(&tried)
                .filter(|path| document.has(path) && !REFUSED.contains(&(document.slug, path)))
                .map(|path| format!("{}: {path}", document.slug)),
        );
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
