//! Whose the containers of a try are: their names say machine and process, so that what is left over is told from what
//! another process is just trying.

use crate::artifact;
use crate::tools::engine::Engine;
use crate::tools::process;

/// How the names of containers and volumes of a try begin.
const PREFIX: &str = "wharf-try-";
/// Digits that a machine is told by. Of its name itself only a part would fit into a container's name, and the names of machines that
/// share an engine, such as those of a build farm, often differ at their ends only.
const DIGITS: usize = 12;

/// A process that tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    machine: String,
    process: u32,
    /// Tells tries of one process apart.
    number: u32,
}

impl Owner {
    /// This process on this machine.
    pub async fn new() -> Self {
        Self::at(&process::machine().await)
    }

    pub(super) fn at(machine: &str) -> Self {
        let mut machine = artifact::sha256(machine.as_bytes());
        machine.truncate(DIGITS);
        Self { machine, process: std::process::id(), number: fastrand::u32(..) }
    }

    /// What it calls a container or a volume.
    #[must_use]
    pub fn name(&self, of: &str) -> String {
        format!("{PREFIX}{self}-{of}")
    }

    /// Whose a container or volume is, by its name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix(PREFIX)?.splitn(4, '-');
        let machine = parts.next()?.to_owned();
        let process = parts.next()?.parse().ok()?;
        let number = u32::from_str_radix(parts.next()?, 16).ok()?;
        parts.next().map(|_| Self { machine, process, number })
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{:08x}", self.machine, self.process, self.number)
    }
}

/// Removes all that an owner has made.
pub async fn clear(engine: &Engine, owner: &Owner) {
    for _ in 0..2 {
        let own = |names: Vec<String>| -> Vec<String> {
            names.into_iter().filter(|name| Owner::of(name).as_ref() == Some(owner)).collect()
        };
        let (containers, volumes) = engine.left().await;
        let (containers, volumes) = (own(containers), own(volumes));
        if containers.is_empty() && volumes.is_empty() {
            return;
        }
        engine.remove(&containers, &volumes).await;
    }
}

/// Removes what processes of this machine left that are gone: they were killed while they tried. Returns how many containers
/// that were.
pub async fn sweep(engine: &Engine, own: &Owner) -> usize {
    let (containers, volumes) = engine.left().await;
    if containers.is_empty() && volumes.is_empty() {
        return 0;
    }
    let containers = orphans(own, containers).await;
    let volumes = orphans(own, volumes).await;
    engine.remove(&containers, &volumes).await;
    containers.len()
}

async fn orphans(own: &Owner, names: Vec<String>) -> Vec<String> {
    let mut orphans = vec![];
    for name in names {
        let Some(owner) = Owner::of(&name).filter(|owner| owner.machine == own.machine) else { continue };
        if owner.process != own.process && !process::is_alive(owner.process).await {
            orphans.push(name);
        }
    }
    orphans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_is_left_by_the_dead_is_removed() {
        let own = Owner::new().await;
        let named = own.name("web-1");
        assert_eq!(Owner::of(&named), Some(own.clone()));
        assert_eq!(Owner::of("wharf-try-host-x-00000001-web"), None);
        let of = |machine: &str| Owner::at(machine).machine;
        assert_eq!(
            of("runner-1a2b3c4d-project-7-concurrent-0"),
            of("runner-1a2b3c4d-project-7-concurrent-0")
        );
        assert_ne!(
            of("runner-1a2b3c4d-project-7-concurrent-0"),
            of("runner-1a2b3c4d-project-7-concurrent-1")
        );
        assert_eq!(Owner::of("another"), None);
        let dead = Owner { process: 4_000_000, ..own.clone() };
        let parent = Owner { process: std::os::unix::process::parent_id(), ..own.clone() };
        let elsewhere = Owner { machine: "elsewhere".into(), ..dead.clone() };
        let names = [&own, &dead, &parent, &elsewhere].map(|owner| owner.name("web")).to_vec();
        assert_eq!(orphans(&own, names).await, [dead.name("web")]);
    }
}
