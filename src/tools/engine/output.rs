//! What the output of container engines means: progress of builds and pushes, the step that failed, digests.

use std::collections::BTreeMap;

use serde_json::Value;

/// How far something is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Steps or layers done.
    pub done: u64,
    /// Steps or layers known of; may still grow.
    pub total: u64,
    /// What is done right now, such as `RUN npm ci`.
    pub message: String,
}

/// Follows a build's output.
#[derive(Debug, Clone, Default)]
pub struct BuildProgress {
    /// BuildKit: whether a step is done, by the number of its vertex.
    vertices: BTreeMap<u64, bool>,
    /// BuildKit: steps of each stage.
    stages: BTreeMap<String, u64>,
    current: Progress,
}

/// A numbered step as an engine announces it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step<'a> {
    stage: &'a str,
    number: u64,
    total: u64,
    text: &'a str,
}

impl BuildProgress {
    /// Takes in a line; the new state when it changed.
    pub fn line(&mut self, line: &str) -> Option<&Progress> {
        let before = self.current.clone();
        if let Some((vertex, rest)) = buildkit(line) {
            if let Some(step) = bracketed(rest) {
                self.stages.insert(step.stage.to_owned(), step.total);
                self.vertices.insert(vertex, false);
                self.current.message = step.text.to_owned();
            } else if rest == "CACHED" || rest.starts_with("DONE ") {
                if let Some(done) = self.vertices.get_mut(&vertex) {
                    *done = true;
                }
            } else if rest.starts_with("exporting ") || rest.starts_with("[internal] load build context") {
                self.current.message = rest.trim_start_matches("[internal] ").to_owned();
            }
            self.current.done = self.vertices.values().filter(|done| **done).count() as u64;
            self.current.total = self.stages.values().sum::<u64>().max(self.vertices.len() as u64);
        } else if let Some(step) = numbered(line) {
            self.stages.insert(step.stage.to_owned(), step.total);
            let earlier: u64 = self
                .stages
                .iter()
                .filter(|(stage, _)| stage.as_str() < step.stage)
                .map(|(_, total)| total)
                .sum();
            self.current = Progress {
                done: earlier + step.number.saturating_sub(1),
                total: self.stages.values().sum(),
                message: step.text.to_owned(),
            };
        }
        (self.current != before).then_some(&self.current)
    }
}

/// Follows a push's output: layers by their short digests.
#[derive(Debug, Clone, Default)]
pub struct PushProgress {
    layers: BTreeMap<String, bool>,
    current: Progress,
}

impl PushProgress {
    /// Takes in a line; the new state when it changed.
    pub fn line(&mut self, line: &str) -> Option<&Progress> {
        let (layer, done) = layer(line)?;
        let known = self.layers.entry(layer.to_owned()).or_default();
        *known |= done;
        let before = self.current.clone();
        self.current.done = self.layers.values().filter(|done| **done).count() as u64;
        self.current.total = self.layers.len() as u64;
        self.current.message = format!("{} of {} layers", self.current.done, self.current.total);
        (self.current != before).then_some(&self.current)
    }
}

/// A layer and whether it is there: docker's `5f70bf18a086: Pushed`, podman's `Copying blob 5f70bf18a086 done`, nerdctl's
/// `layer-sha256:5f70…: done`.
fn layer(line: &str) -> Option<(&str, bool)> {
    if let Some(rest) = line.strip_prefix("Copying blob ") {
        let mut words = rest.split_whitespace();
        let id = words.next()?.trim_start_matches("sha256:");
        return Some((id, words.any(|word| word == "done" || word == "skipped:" || word == "exists")));
    }
    let (id, state) = line.split_once(": ")?;
    let id = id.strip_prefix("layer-sha256:").unwrap_or(id);
    if id.len() < 12 || !id.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    let done = ["Pushed", "Layer already exists", "Mounted from", "done"];
    Some((id, done.iter().any(|mark| state.starts_with(mark))))
}

/// The number of a BuildKit line and what follows it: `#7 [2/4] RUN npm ci`.
fn buildkit(line: &str) -> Option<(u64, &str)> {
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    Some((number.parse().ok()?, rest))
}

/// `[stage 2/4] RUN npm ci`, where stage and platform may be missing.
fn bracketed(text: &str) -> Option<Step<'_>> {
    let (inside, text) = text.strip_prefix('[')?.split_once("] ")?;
    let (stage, count) = inside.rsplit_once(' ').unwrap_or(("", inside));
    let (number, total) = count.split_once('/')?;
    Some(Step { stage, number: number.trim().parse().ok()?, total: total.parse().ok()?, text })
}

/// `Step 3/7 : RUN npm ci` (docker's classic builder), `STEP 2/4: RUN npm ci`, `[1/2] STEP 2/4: RUN npm ci` (podman, buildah).
fn numbered(line: &str) -> Option<Step<'_>> {
    let (stage, rest) = match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((stage, rest)) => (stage, rest),
        None => ("", line),
    };
    let rest = rest.strip_prefix("STEP ").or_else(|| rest.strip_prefix("Step "))?;
    let (count, text) = rest.split_once(':')?;
    let (number, total) = count.trim().split_once('/')?;
    Some(Step { stage, number: number.parse().ok()?, total: total.parse().ok()?, text: text.trim() })
}

/// The instruction at which a build failed.
#[must_use]
pub fn failed_step(output: &str) -> Option<String> {
    let lines: Vec<&str> = output.lines().collect();
    // BuildKit marks the vertex that failed, and repeats its name between dashes: ` > [2/4] RUN npm ci:`.
    let quoted = lines.iter().rev().find_map(|line| line.trim().strip_prefix("> ").and_then(bracketed));
    if let Some(step) = quoted {
        return Some(step.text.trim_end_matches(':').to_owned());
    }
    let vertex =
        lines.iter().rev().filter_map(|line| buildkit(line)).find(|(_, rest)| rest.starts_with("ERROR"));
    let by_vertex = vertex.and_then(|(wanted, _)| {
        lines.iter().filter_map(|line| buildkit(line)).find_map(|(number, rest)| {
            bracketed(rest).filter(|_| number == wanted).map(|step| step.text.to_owned())
        })
    });
    if by_vertex.is_some() {
        return by_vertex;
    }
    // A failed process without a mark: the last step that began.
    let process = [
        "did not complete successfully",
        "returned a non-zero code",
        "building at STEP",
        "error building at step",
        "failed to calculate checksum",
        "failed to compute cache key",
        "COPY failed",
        "ADD failed",
    ];
    if !lines.iter().any(|line| process.iter().any(|mark| line.contains(mark))) {
        return None;
    }
    lines.iter().rev().find_map(|line| {
        buildkit(line)
            .and_then(|(_, rest)| bracketed(rest))
            .or_else(|| numbered(line))
            .map(|step| step.text.to_owned())
    })
}

/// The lines that the engine itself wrote, without what the steps of a build printed.
#[must_use]
pub fn engine_lines(output: &str) -> String {
    let own = |line: &&str| match buildkit(line) {
        Some((_, rest)) => !rest.starts_with(|c: char| c.is_ascii_digit()),
        None => {
            let lower = line.to_ascii_lowercase();
            numbered(line).is_some() || lower.starts_with("error") || lower.contains("failed to solve")
        }
    };
    output.lines().filter(own).collect::<Vec<_>>().join("\n")
}

/// The digest that a push names: docker's `latest: digest: sha256:… size: …`, a line `sha256:…` of podman and buildah,
/// nerdctl's `index-sha256:…: done` or `manifest-sha256:…: done`.
#[must_use]
pub fn pushed_digest(output: &str) -> Option<String> {
    let docker = output.lines().rev().find_map(|line| digest(line.split_once("digest: ")?.1));
    let alone = || output.lines().rev().find_map(|line| digest(line).filter(|found| line.trim() == found));
    let marked = |mark: &str| {
        let found: Vec<String> = output
            .lines()
            .filter_map(|line| digest(line.trim().strip_prefix(mark).filter(|rest| rest.contains("done"))?))
            .collect();
        found.last().cloned()
    };
    docker.or_else(alone).or_else(|| marked("index-")).or_else(|| marked("manifest-"))
}

/// The digest at the beginning of a text.
fn digest(text: &str) -> Option<String> {
    let text = text.trim();
    let hex = text.strip_prefix("sha256:")?;
    let end = hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len());
    (end == 64).then(|| text[..7 + end].to_owned())
}

/// The digest of `reference`'s repository in a JSON list of `repository@digest`.
#[must_use]
pub fn repository_digest(json: &str, reference: &str) -> Option<String> {
    let list: Value = serde_json::from_str(json.trim()).ok()?;
    // A colon before the last slash belongs to the registry's port.
    let name_at = reference.rfind('/').map_or(0, |at| at + 1);
    let repository = reference[name_at..].find(':').map_or(reference, |at| &reference[..name_at + at]);
    list.as_array()?.iter().filter_map(Value::as_str).find_map(|entry| {
        let (name, found) = entry.split_once('@')?;
        digest(found).filter(|_| name == repository)
    })
}

/// The major version in `Docker version 20.10.24+dfsg1, build 297e128`.
#[must_use]
pub fn major_version(text: &str) -> Option<u64> {
    let (_, version) = text.split_once("version ")?;
    version.split('.').next()?.trim().parse().ok()
}

/// The platform in a line such as `linux/arm64`, with processors as builders call them.
#[must_use]
pub fn platform(text: &str) -> Option<String> {
    let (os, architecture) = text.lines().last()?.trim().split_once('/')?;
    let architecture = match architecture {
        "amd64" | "x86_64" => "amd64",
        "arm64" | "aarch64" => "arm64",
        _ => return None,
    };
    matches!(os, "linux" | "windows").then(|| format!("{os}/{architecture}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(lines: &str) -> Vec<(u64, u64, String)> {
        let mut progress = BuildProgress::default();
        lines
            .lines()
            .filter_map(|line| progress.line(line).map(|p| (p.done, p.total, p.message.clone())))
            .collect()
    }

    #[test]
    fn builds_are_followed_whatever_builds() {
        let buildkit = "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n#5 [build 1/3] FROM node\n#5 CACHED\n\
                        #6 [build 2/3] RUN npm ci\n#6 0.3 [1/9] not a step\n#6 DONE 9.1s\n#7 [stage-1 1/2] FROM nginx\n#8 exporting to image";
        let seen = follow(buildkit);
        let last = seen.last().unwrap();
        assert_eq!((last.0, last.1, last.2.as_str()), (2, 5, "exporting to image"), "{seen:?}");
        assert!(seen.contains(&(1, 3, "RUN npm ci".to_owned())), "{seen:?}");
        let classic = follow("Step 1/2 : FROM x\n ---> abc\nStep 2/2 : RUN y");
        assert_eq!(classic, [(0, 2, "FROM x".to_owned()), (1, 2, "RUN y".to_owned())]);
        let podman = follow("[1/2] STEP 1/2: FROM x\n[1/2] STEP 2/2: RUN y\n[2/2] STEP 1/3: FROM z");
        assert_eq!(podman[2], (2, 5, "FROM z".to_owned()));
        assert_eq!(follow("STEP 1/1: FROM x"), [(0, 1, "FROM x".to_owned())]);
    }

    #[test]
    fn pushes_are_followed() {
        let mut push = PushProgress::default();
        let mut last = Progress::default();
        for line in [
            "The push refers to repository [r/api]",
            "5f70bf18a086: Preparing",
            "a1b2c3d4e5f6: Waiting",
            "5f70bf18a086: Pushed",
            "a1b2c3d4e5f6: Layer already exists",
            "latest: digest: sha256:0 size: 1",
        ] {
            if let Some(progress) = push.line(line) {
                last = progress.clone();
            }
        }
        assert_eq!((last.done, last.total), (2, 2));
        assert_eq!(layer("Copying blob 5f70bf18a086 done   |"), Some(("5f70bf18a086", true)));
        assert_eq!(layer("Copying blob sha256:5f70bf18a086"), Some(("5f70bf18a086", false)));
    }

    #[test]
    fn the_failed_step_is_named() {
        for (output, want) in [
            (
                "#7 [2/4] RUN npm ci\n#8 [3/4] COPY . .\n#7 ERROR: process \"x\" did not complete successfully: exit code: 1",
                Some("RUN npm ci"),
            ),
            ("#7 [2/4] RUN a\n------\n > [2/4] RUN npm ci:\n0.4 npm ERR!\n------", Some("RUN npm ci")),
            (
                "Step 2/3 : RUN npm ci\n ---> Running in x\nThe command '/bin/sh -c npm ci' returned a non-zero code: 1",
                Some("RUN npm ci"),
            ),
            (
                "STEP 2/3: RUN npm ci\nError: building at STEP \"RUN npm ci\": while running runtime: exit status 1",
                Some("RUN npm ci"),
            ),
            ("Step 2/3 : COPY x .\nCOPY failed: file not found in build context", Some("COPY x .")),
            ("ERROR: failed to read dockerfile", None),
        ] {
            assert_eq!(failed_step(output).as_deref(), want, "{output}");
        }
    }

    #[test]
    fn digests_are_found_and_checked() {
        let hex = "0123456789abcdef".repeat(4);
        let want = Some(format!("sha256:{hex}"));
        assert_eq!(pushed_digest(&format!("x\nlatest: digest: sha256:{hex} size: 12\n")), want);
        assert_eq!(pushed_digest(&format!("Copying blob sha256:{hex}\nsha256:{hex}\n")), want);
        let index = format!("manifest-sha256:{}: done\nindex-sha256:{hex}:    done |++|", "f".repeat(64));
        assert_eq!(pushed_digest(&index), want);
        assert_eq!(pushed_digest("latest: digest: sha256:short size: 1"), None);
        let list = format!("[\"h:5000/r@sha256:{}\",\"h:5000/r/api@sha256:{hex}\"]", "f".repeat(64));
        assert_eq!(repository_digest(&list, "h:5000/r/api:latest"), want);
        assert_eq!(repository_digest(&list, "h:5000/r/web:latest"), None);
        assert_eq!(repository_digest("null", "x"), None);
        assert_eq!(major_version("Docker version 20.10.24+dfsg1, build 297e128"), Some(20));
        assert_eq!(major_version("nonsense"), None);
        assert_eq!(platform("linux/aarch64\n").as_deref(), Some("linux/arm64"));
        assert_eq!(platform("<no value>/<no value>"), None);
    }
}
