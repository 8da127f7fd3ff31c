//! CPU, memory and platform: which tasks Fargate runs.

use super::Check;
use crate::diagnostic::Span;
use crate::manifest::decode::{Decode, Form, Text};
use crate::manifest::service::Service as Written;
use crate::manifest::shape::alternatives;
use crate::manifest::task::Platform as WrittenPlatform;
use crate::model::service::Platform;

/// Fargate's task sizes: CPU units, then least, most and step of the memory in MiB. The smallest size also takes 512.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html>
const SIZES: [(u64, u64, u64, u64); 7] = [
    (256, 1024, 2048, 1024),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];
/// CPU units of Windows tasks.
const WINDOWS_CPU: std::ops::RangeInclusive<u64> = 1024..=4096;

fn memories(size: (u64, u64, u64, u64)) -> Vec<u64> {
    let (cpu, least, most, step) = size;
    let half = (cpu == 256).then_some(512);
    half.into_iter().chain((least..=most).step_by(step as usize)).collect()
}

/// CPU units and MiB of a task.
pub(super) fn size(written: &Written, platform: &Platform, at: Span, check: &mut Check<'_>) -> (u64, u64) {
    let cpu = written.cpu.map_or(256, |cpu| cpu.value);
    let memory = written.memory.map_or(512, |memory| memory.value);
    let place = written.memory.map(|memory| memory.span).or(written.cpu.map(|cpu| cpu.span)).unwrap_or(at);
    if platform.is_windows() && !WINDOWS_CPU.contains(&cpu) {
        check
            .error(
                "model/size",
                written
                    .cpu
                    .map(|cpu| cpu.span)
                    .or(written.platform.as_ref().map(Decode::span))
                    .unwrap_or(place),
                "a Windows task has 1024 to 4096 CPU units",
            )
            .help("such as `cpu: 1024` with `memory: 2048`");
        return (cpu, memory);
    }
    let known = SIZES.iter().find(|size| size.0 == cpu);
    if known.is_some_and(|size| memories(*size).contains(&memory)) {
        return (cpu, memory);
    }
    let message = format!("Fargate has no task of {cpu} CPU units and {memory} MiB");
    if cpu > SIZES[SIZES.len() - 1].0 {
        // Sizes above these may exist by now: AWS decides.
        check.warn("model/size", place, format!("{message} that wharf knows of"));
        return (cpu, memory);
    }
    let mut pairs: Vec<(u64, u64)> =
        SIZES.iter().flat_map(|size| memories(*size).into_iter().map(|memory| (size.0, memory))).collect();
    if platform.is_windows() {
        pairs.retain(|(cpu, _)| WINDOWS_CPU.contains(cpu));
    }
    let nearest = nearest_sizes(pairs, cpu, memory);
    check.error("model/size", place, message).help(format!("the nearest are {nearest}"));
    (cpu, memory)
}

/// The three of some pairs of CPU units and MiB that are nearest to what was asked for, in words.
pub(super) fn nearest_sizes(mut pairs: Vec<(u64, u64)>, cpu: u64, memory: u64) -> String {
    // Near in either number, by ratio: a pair with the same CPU or with the memory asked for comes first.
    let ratio = |a: u64, b: u64| (a.max(1) as f64 / b.max(1) as f64).ln().abs();
    let distance = |pair: &(u64, u64)| ratio(pair.0, cpu) * 1.5 + ratio(pair.1, memory);
    pairs.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    let nearest: Vec<String> =
        pairs.iter().take(3).map(|(cpu, memory)| format!("`cpu: {cpu}` with `memory: {memory}`")).collect();
    alternatives(&nearest)
}

const WINDOWS: [(&str, &str); 5] = [
    ("windows", "WINDOWS_SERVER_2019_CORE"),
    ("windows_server_2019_core", "WINDOWS_SERVER_2019_CORE"),
    ("windows_server_2019_full", "WINDOWS_SERVER_2019_FULL"),
    ("windows_server_2022_core", "WINDOWS_SERVER_2022_CORE"),
    ("windows_server_2022_full", "WINDOWS_SERVER_2022_FULL"),
];

/// What a task's containers run on.
pub(super) fn platform(written: Option<&Form<Text, WrittenPlatform>>, check: &mut Check<'_>) -> Platform {
    let default = Platform { os: "LINUX".to_owned(), architecture: "X86_64".to_owned() };
    let (os, architecture) = match written {
        None => return default,
        Some(Form::Short(text)) => {
            let lower = text.value.to_lowercase();
            let Some((os, architecture)) = lower.split_once('/') else {
                check
                    .error("model/platform", text.span, format!("{:?} is no platform", text.value))
                    .help("write `linux/x86_64`, `linux/arm64` or `windows/x86_64`");
                return default;
            };
            let part = |value: &str| Text { value: value.to_owned(), span: text.span };
            if os.starts_with("windows_") {
                check
                    .error("model/platform", text.span, format!("{os} is written in the long form"))
                    .help(format!("write `platform: {{osfamily: {os}, architecture: {architecture}}}`"));
                return default;
            }
            (part(os), part(architecture))
        }
        Some(Form::Full(map)) => {
            if map.osfamily.is_none() {
                check.missing(map.span, "osfamily", "such as `osfamily: linux`");
            }
            if map.architecture.is_none() {
                check.missing(map.span, "architecture", "such as `architecture: arm64`");
            }
            match (&map.osfamily, &map.architecture) {
                (Some(os), Some(architecture)) => (os.clone(), architecture.clone()),
                _ => return default,
            }
        }
    };
    let family = os.value.to_lowercase();
    let windows = WINDOWS.iter().find(|(name, _)| *name == family).map(|(_, os)| *os);
    if family != "linux" && windows.is_none() {
        let names: Vec<String> = std::iter::once("linux")
            .chain(WINDOWS.map(|(name, _)| name))
            .map(|name| format!("`{name}`"))
            .collect();
        check
            .error("model/platform", os.span, format!("there is no operating system family {:?}", os.value))
            .help(format!("one of {}", alternatives(&names)));
        return default;
    }
    let machine = match architecture.value.to_lowercase().as_str() {
        "x86_64" | "amd64" => "X86_64",
        "arm64" | "arm" if windows.is_none() => "ARM64",
        other => {
            let known = if windows.is_some() { "`x86_64`" } else { "`x86_64` or `arm64`" };
            check
                .error("model/platform", architecture.span, format!("there is no {family} on {other:?}"))
                .help(format!("write {known}"));
            return default;
        }
    };
    Platform { os: windows.unwrap_or("LINUX").to_owned(), architecture: machine.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_fargate_has_them() {
        let all: Vec<(u64, Vec<u64>)> = SIZES.iter().map(|size| (size.0, memories(*size))).collect();
        assert_eq!(all[0], (256, vec![512, 1024, 2048]));
        assert_eq!(all[1].1, [1024, 2048, 3072, 4096]);
        assert_eq!(all[4].1.len(), 23);
        assert_eq!(all[5].1.last(), Some(&61440));
        assert_eq!(all[6].1, (4..=15).map(|n| n * 8192).collect::<Vec<_>>());
    }
}
