//! What a wait lives through: throttling, lost networks, failures inside AWS, credentials that have expired.

use std::time::{Duration, Instant};

use super::{Interrupt, interrupts, note, pause_or_interrupt};
use crate::aws::{Connection, Error, Kind};
use crate::event::{Level, Reporter};

/// What a wait asks with.
#[derive(Clone, Copy)]
pub(crate) struct Wait<'a> {
    /// What is asked.
    pub connection: &'a Connection,
    /// What goes on in AWS meanwhile, such as `The change of shop-test`.
    pub what: &'a str,
    /// Takes what is said.
    pub reporter: &'a dyn Reporter,
    /// Time between two questions that fail.
    pub pause: Duration,
    /// How often the user asked to stop.
    pub interrupt: Option<&'a Interrupt>,
}

/// What one wait has lived through so far.
#[derive(Debug)]
pub(crate) struct Endurance {
    patience: Duration,
    /// Since when AWS can't be asked.
    since: Option<Instant>,
    /// Whether the user knows that a login is needed.
    told_of_login: bool,
}

impl Endurance {
    /// Lives through trouble for as long as `patience`.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, since: None, told_of_login: false }
    }

    /// AWS has answered.
    pub(crate) fn answered(&mut self, reporter: &dyn Reporter) {
        if self.since.take().is_some() {
            note(reporter, Level::Info, "AWS answers again.");
        }
        self.told_of_login = false;
    }

    /// Takes a failure in; says so the first time. `what` goes on in AWS meanwhile, such as `The change of shop-test`.
    /// Credentials are looked for anew before the next question, so that whoever logs in again is followed.
    ///
    /// # Errors
    /// The failure itself: when it does not pass by itself, lasts longer than the patience, or is one of credentials that
    /// only another process can have better ones of.
    pub(crate) fn over(
        &mut self,
        error: Error,
        connection: &Connection,
        what: &str,
        reporter: &dyn Reporter,
    ) -> Result<(), Error> {
        let credentials = error.is_about_credentials();
        let hopeless = error.kind == Kind::ExpiredCredentials && connection.is_fixed();
        let since = *self.since.get_or_insert_with(|| {
            if !credentials && error.is_transient() {
                note(reporter, Level::Warning, format!("No answer for now, trying again: {error}."));
            }
            Instant::now()
        });
        if hopeless || !(error.is_transient() || credentials) || since.elapsed() > self.patience {
            return Err(error);
        }
        if credentials {
            connection.renew();
            if !std::mem::replace(&mut self.told_of_login, true) {
                note(reporter, Level::Warning, self.advice(&error, what));
            }
        }
        Ok(())
    }

    /// Asks until AWS answers, or no longer to be waited for: `ask` is one question, `pause` the time between two.
    ///
    /// # Errors
    /// As [`Endurance::over`]; also the last failure once the user asks to stop.
    pub(crate) async fn ask<T, F: Future<Output = Result<T, Error>>>(
        &mut self,
        wait: Wait<'_>,
        mut ask: impl FnMut() -> F,
    ) -> Result<T, Error> {
        let Wait { connection, what, reporter, pause, interrupt } = wait;
        loop {
            match ask().await {
                Ok(answer) => {
                    self.answered(reporter);
                    return Ok(answer);
                }
                Err(error) if interrupts(interrupt) > 0 => return Err(error),
                Err(error) => self.over(error, connection, what, reporter)?,
            }
            let mut interrupt = interrupt.cloned();
            pause_or_interrupt(pause, interrupt.as_mut()).await;
        }
    }

    fn advice(&self, error: &Error, what: &str) -> String {
        let happened = match error.kind {
            Kind::ExpiredCredentials => "The AWS credentials have expired".to_owned(),
            _ => error.to_string(),
        };
        let minutes = self.patience.as_secs().div_ceil(60);
        format!(
            "{happened}. {what} goes on in AWS. Run `aws sso login` in another terminal, or write fresh keys into the profile: \
             wharf goes on by itself. It waits for {minutes} min."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Keys, Settings};
    use crate::deploy::testing::Recorder;
    use crate::secret::Secret;

    fn failure(kind: Kind) -> Error {
        Error::local(kind, "gone".to_owned())
    }

    #[test]
    fn a_login_is_asked_for_once_and_waited_for() {
        let connection = Connection::new(Settings::default());
        let recorder = Recorder::default();
        let mut endurance = Endurance::new(Duration::from_secs(600));
        let mut take = |kind| endurance.over(failure(kind), &connection, "The change of shop", &recorder);
        take(Kind::ExpiredCredentials).unwrap();
        take(Kind::ExpiredCredentials).unwrap();
        take(Kind::NoCredentials).unwrap();
        take(Kind::Throttled).unwrap();
        endurance.answered(&recorder);
        let lines = recorder.lines();
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert!(lines[0].contains("Run `aws sso login` in another terminal"), "{lines:#?}");
        assert!(lines[0].contains("It waits for 10 min."), "{lines:#?}");
        assert!(lines[1].contains("AWS answers again."));
    }

    #[test]
    fn what_does_not_pass_is_not_waited_for() {
        let recorder = Recorder::default();
        let open = Connection::new(Settings::default());
        let mut endurance = Endurance::new(Duration::from_secs(600));
        assert!(endurance.over(failure(Kind::InvalidRequest), &open, "It", &recorder).is_err());
        // Patience that is used up.
        let mut endurance = Endurance::new(Duration::ZERO);
        endurance.since = Instant::now().checked_sub(Duration::from_secs(1));
        assert!(endurance.over(failure(Kind::Throttled), &open, "It", &recorder).is_err());
        // Keys of the environment stay what they are.
        let keys =
            Keys { access_key_id: "ASIA".into(), secret_access_key: Secret::new("s"), session_token: None };
        let fixed = Connection::new(Settings { keys: Some(keys), ..Settings::default() });
        let mut endurance = Endurance::new(Duration::from_secs(600));
        let role = fixed.assume("arn:aws:iam::1:role/m", "");
        assert!(endurance.over(failure(Kind::ExpiredCredentials), &role, "It", &recorder).is_err());
        assert_eq!(recorder.lines(), Vec::<String>::new());
    }
}
