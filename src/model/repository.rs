//! A source repository, read from any of the addresses that people and git write.

/// Who keeps a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// github.com.
    GitHub,
    /// bitbucket.org.
    Bitbucket,
    /// AWS CodeCommit.
    CodeCommit,
}

impl Host {
    /// Its name as the manifest of a pipeline writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::Bitbucket => "Bitbucket",
            Self::CodeCommit => "CodeCommit",
        }
    }
}

/// A repository at its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Who keeps it.
    pub host: Host,
    /// Its owner; empty for CodeCommit.
    pub owner: String,
    /// Its name, without `.git`.
    pub name: String,
    /// Region of a CodeCommit repository; empty when the address says none.
    pub region: String,
}

impl Repository {
    /// Reads an address: what git takes for a remote, the page of a browser, or `owner/name` (GitHub). `None` when it is
    /// nobody's whom a pipeline can watch.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        if let Some(rest) = text.strip_prefix("codecommit:") {
            return code_commit_helper(rest);
        }
        let (host, path) = match text.split_once("://") {
            Some((_, rest)) => rest.split_once('/')?,
            None => match text.split_once(':') {
                // git@github.com:owner/name
                Some((host, path)) => (host, path),
                None if text.split('/').count() == 2 => ("github.com", text),
                None => text.split_once('/')?,
            },
        };
        let host = host.rsplit('@').next()?;
        let host = host.split(':').next()?;
        match host.trim_start_matches("www.") {
            "github.com" | "ssh.github.com" => Self::owned(Host::GitHub, path),
            "bitbucket.org" | "altssh.bitbucket.org" => Self::owned(Host::Bitbucket, path),
            host => code_commit(host, path),
        }
    }

    /// Reads what stands as `repository` in a manifest whose provider is known: any address of its, or a short form.
    #[must_use]
    pub fn parse_for(host: Host, text: &str) -> Option<Self> {
        match host {
            Host::CodeCommit if !text.contains(['/', ':']) => Self::at_code_commit("", text),
            Host::Bitbucket if !text.contains(':') && text.split('/').count() == 2 => {
                Self::owned(Host::Bitbucket, text)
            }
            _ => Self::parse(text).filter(|found| found.host == host),
        }
    }

    fn owned(host: Host, path: &str) -> Option<Self> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let (owner, name) = (parts.next()?, parts.next()?);
        let name = name.strip_suffix(".git").unwrap_or(name);
        (is_plain(owner) && is_plain(name)).then(|| Self {
            host,
            owner: owner.to_owned(),
            name: name.to_owned(),
            region: String::new(),
        })
    }

    fn at_code_commit(region: &str, name: &str) -> Option<Self> {
        is_plain(name).then(|| Self {
            host: Host::CodeCommit,
            owner: String::new(),
            name: name.to_owned(),
            region: region.to_owned(),
        })
    }

    /// `owner/name`; for CodeCommit the name.
    #[must_use]
    pub fn full_name(&self) -> String {
        match self.host {
            Host::CodeCommit => self.name.clone(),
            Host::GitHub | Host::Bitbucket => format!("{}/{}", self.owner, self.name),
        }
    }

    /// The address that a pipeline's manifest holds: a page that a browser opens. A CodeCommit repository whose region
    /// nobody said is named by its name.
    #[must_use]
    pub fn url(&self) -> String {
        let full = self.full_name();
        match self.host {
            Host::GitHub => format!("https://github.com/{full}"),
            Host::Bitbucket => format!("https://bitbucket.org/{full}"),
            Host::CodeCommit if self.region.is_empty() => full,
            Host::CodeCommit => format!(
                "https://{}.{}/codesuite/codecommit/repositories/{full}/browse",
                self.region,
                console(&self.region)
            ),
        }
    }
}

/// Host name of AWS's console in a region's partition, without the region before it.
#[must_use]
pub fn console(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "console.amazonaws.cn"
    } else if region.starts_with("us-gov-") {
        "console.amazonaws-us-gov.com"
    } else {
        "console.aws.amazon.com"
    }
}

/// What the hosts take in names, which is also what can stand in ARNs.
fn is_plain(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 100 && text.chars().all(fits) && !text.chars().all(|c| c == '.')
}

/// `:region://profile@name` or `//name` behind `codecommit:`, as git-remote-codecommit takes it.
fn code_commit_helper(rest: &str) -> Option<Repository> {
    let (region, name) = rest.split_once("//")?;
    let name = name.rsplit('@').next()?;
    Repository::at_code_commit(region.trim_matches(':'), name)
}

/// A page of the console or an address of git.
fn code_commit(host: &str, path: &str) -> Option<Repository> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if let Some(rest) = host.strip_prefix("git-codecommit.").or(host.strip_prefix("git-codecommit-fips.")) {
        let region = rest.split('.').next()?;
        return match parts.as_slice() {
            ["v1", "repos", name] => Repository::at_code_commit(region, name),
            _ => None,
        };
    }
    let is_console = ["console.aws.amazon.com", "console.amazonaws.cn", "console.amazonaws-us-gov.com"]
        .iter()
        .any(|console| host.ends_with(console));
    if !is_console {
        return None;
    }
    let region = host.split('.').next().filter(|first| *first != "console").unwrap_or_default();
    match parts.as_slice() {
        ["codesuite", "codecommit", "repositories", name, ..] => Repository::at_code_commit(region, name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_git_and_of_browsers() {
        for (text, host, full, region) in [
            ("https://github.com/aws/phonetool.git", Host::GitHub, "aws/phonetool", ""),
            ("https://me@github.com/aws/phonetool/", Host::GitHub, "aws/phonetool", ""),
            ("git@github.com:aws/phonetool.git", Host::GitHub, "aws/phonetool", ""),
            ("ssh://git@github.com:22/aws/phonetool", Host::GitHub, "aws/phonetool", ""),
            ("https://github.com/aws/phonetool/tree/main", Host::GitHub, "aws/phonetool", ""),
            ("aws/phonetool", Host::GitHub, "aws/phonetool", ""),
            ("https://bitbucket.org/team/site", Host::Bitbucket, "team/site", ""),
            ("git@bitbucket.org:team/site.git", Host::Bitbucket, "team/site", ""),
            ("codecommit::eu-west-1://shop", Host::CodeCommit, "shop", "eu-west-1"),
            ("codecommit://dev@shop", Host::CodeCommit, "shop", ""),
            (
                "https://git-codecommit.us-west-2.amazonaws.com/v1/repos/shop",
                Host::CodeCommit,
                "shop",
                "us-west-2",
            ),
            (
                "ssh://git-codecommit.us-west-2.amazonaws.com/v1/repos/shop",
                Host::CodeCommit,
                "shop",
                "us-west-2",
            ),
            (
                "https://us-west-2.console.aws.amazon.com/codesuite/codecommit/repositories/shop/browse?region=us-west-2",
                Host::CodeCommit,
                "shop",
                "us-west-2",
            ),
        ] {
            let found = Repository::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (found.host, found.full_name().as_str(), found.region.as_str()),
                (host, full, region),
                "{text}"
            );
            if !found.region.is_empty() || host != Host::CodeCommit {
                assert_eq!(Repository::parse(&found.url()), Some(found));
            }
        }
    }

    #[test]
    fn what_no_pipeline_can_watch() {
        for text in [
            "",
            "shop",
            "https://gitlab.com/a/b",
            "https://github.com/aws",
            "a/b/c",
            "https://github.com/a/${b}",
            "../..",
        ] {
            assert_eq!(Repository::parse(text), None, "{text}");
        }
    }

    #[test]
    fn short_forms_where_the_provider_is_known() {
        let short = |host, text| Repository::parse_for(host, text).map(|found| found.full_name());
        assert_eq!(short(Host::CodeCommit, "shop").as_deref(), Some("shop"));
        assert_eq!(short(Host::Bitbucket, "team/site").as_deref(), Some("team/site"));
        assert_eq!(short(Host::Bitbucket, "https://github.com/a/b"), None);
    }
}
