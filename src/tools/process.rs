//! Running a program: its output line by line, its input from memory, its end with the caller's.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::secret::Secret;

/// Most bytes of output that are kept for a failure; of longer output the end.
const KEPT_OUTPUT: usize = 256 * 1024;
/// Most bytes of standard output that are kept when it is wanted as it is.
const KEPT_EXACTLY: usize = 16 * 1024 * 1024;
/// Longest line; what is longer comes in pieces.
const LONGEST_LINE: usize = 16 * 1024;

/// What is run, and how.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// The program: a path, or a name to be looked up in `PATH`.
    pub program: PathBuf,
    /// Its arguments. Never a secret: every user of the machine can read them.
    pub arguments: Vec<OsString>,
    /// Variables on top of the inherited ones.
    pub variables: Vec<(String, OsString)>,
    /// Its working directory; the caller's when absent.
    pub directory: Option<PathBuf>,
    /// What it reads on standard input; nothing when absent.
    pub input: Option<Secret>,
    /// Whether its standard output is a document: kept byte by byte in [`Finished::standard`], and no part of the lines.
    pub exact: bool,
}

impl Invocation {
    /// Runs `program` with no arguments yet.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), ..Self::default() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item = A>, A: Into<OsString>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub fn directory(mut self, path: &Path) -> Self {
        self.directory = Some(path.to_owned());
        self
    }

    /// Sets the standard input.
    #[must_use]
    pub fn input(mut self, text: Secret) -> Self {
        self.input = Some(text);
        self
    }

    /// Takes the standard output as a document.
    #[must_use]
    pub fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Runs the program to its end and hands each line of its output (both streams, as they come) to `on_line`.
    ///
    /// When the future is dropped, the program is killed.
    ///
    /// # Errors
    /// When the program can't be started or its output not be read.
    pub async fn run(&self, on_line: &mut (dyn FnMut(&str) + Send)) -> io::Result<Finished> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        let mut child = command.spawn()?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let input = async {
            if let (Some(mut stdin), Some(input)) = (stdin, &self.input) {
                // A program that ends without reading breaks the pipe; its exit code says more than that.
                let _ = stdin.write_all(input.expose().as_bytes()).await;
                let _ = stdin.shutdown().await;
            }
        };
        let (stdout, document) = if self.exact { (None, stdout) } else { (stdout, None) };
        let document = async {
            let mut bytes = vec![];
            if let Some(stream) = document {
                stream.take(KEPT_EXACTLY as u64).read_to_end(&mut bytes).await?;
            }
            Ok::<_, io::Error>(bytes)
        };
        let (mut out, mut err) = (Lines::new(stdout), Lines::new(stderr));
        let mut output = Output::default();
        let mut standard = String::new();
        let read = async {
            loop {
                let (batch, is_standard) = tokio::select! {
                    batch = out.next(), if !out.ended => (batch?, true),
                    batch = err.next(), if !err.ended => (batch?, false),
                    else => return Ok::<_, io::Error>(()),
                };
                for line in batch {
                    if is_standard && standard.len() < KEPT_OUTPUT {
                        standard.push_str(&line);
                        standard.push('\n');
                    }
                    output.push(&line);
                    on_line(&line);
                }
            }
        };
        let ((), read, document) = tokio::join!(input, read, document);
        read?;
        let document = document?;
        let status = child.wait().await?;
        if self.exact {
            standard = String::from_utf8_lossy(&document).into_owned();
        }
        Ok(Finished { code: status.code(), output: output.text, standard })
    }
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Its output, both streams as they came; the end of it when it is very long.
    pub output: String,
    /// What it wrote to standard output alone; the beginning of it when it is very long. In lines without control
    /// characters, unless it was wanted as it is.
    pub standard: String,
}

impl Finished {
    /// Whether it ended with code 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

/// What tells the processes of this machine from those of others, which may have the same numbers: its name in its network, and on
/// Linux the space in which they are numbered, which containers have of their own. Empty when it can't be told.
pub async fn machine() -> String {
    let asked = Invocation::new("/bin/sh").args(["-c", "uname -n; readlink /proc/self/ns/pid 2>/dev/null"]);
    let finished = asked.run(&mut |_| {}).await;
    finished.map(|finished| finished.standard.trim().to_owned()).unwrap_or_default()
}

/// Whether a process of this machine is there, whoever's it is. Where anything else is said than that it is not, it counts as there.
pub async fn is_alive(process: u32) -> bool {
    let asked =
        Invocation::new("/bin/sh").args(["-c", "LC_ALL=C; kill -0 \"$1\"", "sh", &process.to_string()]);
    match asked.run(&mut |_| {}).await {
        // Of somebody else's: "Operation not permitted".
        Ok(finished) => finished.success() || !finished.output.contains("o such process"),
        Err(_) => true,
    }
}

#[derive(Default)]
struct Output {
    text: String,
}

impl Output {
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        if self.text.len() > 2 * KEPT_OUTPUT {
            let cut = self.text.len() - KEPT_OUTPUT;
            let at = self.text.as_bytes()[cut..]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(cut, |at| cut + at + 1);
            self.text.replace_range(..self.text.ceil_char_boundary(at), "");
        }
    }
}

/// Lines of a stream. A carriage return ends a line too: programs draw progress with it.
struct Lines<R> {
    stream: Option<R>,
    rest: Vec<u8>,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    fn new(stream: Option<R>) -> Self {
        Self { ended: stream.is_none(), stream, rest: vec![] }
    }

    /// The lines that one read completes; empty ones are left out. Safe to cancel.
    async fn next(&mut self) -> io::Result<Vec<String>> {
        let mut buffer = [0; 8192];
        let Some(stream) = &mut self.stream else { return Ok(vec![]) };
        let count = stream.read(&mut buffer).await?;
        self.ended = count == 0;
        self.rest.extend_from_slice(&buffer[..count]);
        let mut lines = vec![];
        let mut start = 0;
        for at in 0..self.rest.len() {
            if matches!(self.rest[at], b'\n' | b'\r') {
                lines.push(&self.rest[start..at]);
                start = at + 1;
            }
        }
        if self.ended || self.rest.len() - start > LONGEST_LINE {
            lines.push(&self.rest[start..]);
            start = self.rest.len();
        }
        let lines = lines.into_iter().map(clean).filter(|line| !line.trim().is_empty()).collect();
        self.rest.drain(..start);
        Ok(lines)
    }
}

/// A line as text without escape sequences and control characters: what a program prints never steers our terminal.
fn clean(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                // A control sequence ends with a character from `@` to `~`.
                Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
                // An operating system command ends with BEL or ESC `\`.
                Some(']') => while chars.next().is_some_and(|c| c != '\u{7}' && c != '\u{1b}') {},
                _ => {}
            },
            '\t' => out.push_str("    "),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Invocation {
        Invocation::new("/bin/sh").arg("-c").arg(script)
    }

    async fn lines(invocation: &Invocation) -> (Finished, Vec<String>) {
        let mut seen = vec![];
        let finished = invocation.run(&mut |line| seen.push(line.to_owned())).await.unwrap();
        (finished, seen)
    }

    #[tokio::test]
    async fn output_comes_by_lines_and_carriage_returns() {
        let (finished, seen) =
            lines(&shell(r"printf 'a\r\nb 10%%\rb 20%%\r\033[31mred\033[0m\n\nlast'; exit 3")).await;
        assert_eq!(seen, ["a", "b 10%", "b 20%", "red", "last"]);
        assert_eq!((finished.code, finished.output.as_str()), (Some(3), "a\nb 10%\nb 20%\nred\nlast\n"));
    }

    #[tokio::test]
    async fn streams_are_told_apart() {
        let (finished, mut seen) = lines(&shell("echo out; echo err >&2")).await;
        seen.sort();
        assert_eq!((finished.standard.as_str(), seen), ("out\n", vec!["err".to_owned(), "out".to_owned()]));
    }

    #[tokio::test]
    async fn a_document_is_kept_as_it_is() {
        let (finished, seen) = lines(&shell(r"printf 'a: |\n\tb\n\n  c\n'; echo note >&2").exact()).await;
        assert_eq!(finished.standard, "a: |\n\tb\n\n  c\n");
        assert_eq!((seen, finished.output.as_str()), (vec!["note".to_owned()], "note\n"));
        let (long, _) = lines(&shell("head -c 3000000 /dev/zero | tr '\\0' x").exact()).await;
        assert_eq!(long.standard.len(), 3_000_000);
    }

    #[tokio::test]
    async fn input_directory_and_variables_arrive() {
        let dir = tempfile::tempdir().unwrap();
        let invocation = shell("cat; pwd; echo $X")
            .input(Secret::new("secret\n"))
            .directory(dir.path())
            .variable("X", "y");
        let (_, seen) = lines(&invocation).await;
        assert_eq!((seen[0].as_str(), seen[2].as_str()), ("secret", "y"));
        assert!(seen[1].ends_with(dir.path().file_name().unwrap().to_str().unwrap()));
        assert!(!format!("{invocation:?}").contains("secret"));
    }

    #[tokio::test]
    async fn a_program_that_does_not_read_its_input_is_no_error() {
        let (finished, _) = lines(&shell("exit 7").input(Secret::new("x".repeat(1 << 20)))).await;
        assert_eq!(finished.code, Some(7));
    }

    #[tokio::test]
    async fn long_output_keeps_its_end() {
        let (finished, _) =
            lines(&shell("yes 0123456789012345678901234567890123456789 | head -n 20000; echo end")).await;
        assert!(finished.output.len() <= 2 * KEPT_OUTPUT && finished.output.ends_with("\nend\n"));
        assert!(finished.output.starts_with("0123"));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error() {
        let missing = Invocation::new("/nowhere/program").run(&mut |_| {}).await;
        assert_eq!(missing.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
