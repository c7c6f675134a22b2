//! Hands due letters to the mail server, one after the other, and says how each fared.

use std::sync::Arc;

use crossbeam_channel::Sender;
use facts::{Delivery, Letter, LetterId, Span, Timestamp};
use store::REFUSED_TO_ALL;
use tokio::sync::mpsc::Receiver;

use super::way::{Refused, Trouble, Way};
use crate::clock::Clock;

/// How one letter fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fared {
    /// The letter.
    pub id: LetterId,
    /// Its new state.
    pub delivery: Delivery,
    /// What stood in the way, where something did.
    pub trouble: Option<Trouble>,
}

/// Delivers what comes in until the sender is gone. Reports each letter only after the
/// server has answered, so a crash between answer and report repeats it, never loses it.
pub async fn deliver_letters(
    way: Arc<Way>,
    clock: Clock,
    mut due: Receiver<(Letter, Delivery)>,
    fared: Sender<Fared>,
) {
    while let Some((letter, before)) = due.recv().await {
        let outcome = way.deliver(&letter).await;
        let now = clock.now();
        let (delivery, trouble) = match outcome {
            Ok(()) => (Delivery::Accepted { at: now }, None),
            Err(Refused::Never) => (Delivery::Refused { at: now }, None),
            Err(Refused::Later(trouble)) => {
                (deferred(&letter, before, trouble, now), Some(trouble))
            }
        };
        if fared.send(Fared { id: letter.id, delivery, trouble }).is_err() {
            return;
        }
    }
}

/// The next try: after 5, 15, 30, 60, 120 seconds, then every five minutes, for ever
/// (RESILIENCE AL-04), moved by up to a fifth so that a returning server meets no crowd.
///
/// Where no waiting mends it, the tries are counted from where a letter is shown as stuck:
/// a refusal of everything of ours is as plain as one of every recipient.
fn deferred(letter: &Letter, before: Delivery, trouble: Trouble, now: Timestamp) -> Delivery {
    const WAITS: [i64; 5] = [5, 15, 30, 60, 120];
    const LONGEST: i64 = 300;
    let least = if trouble.is_lasting() { REFUSED_TO_ALL } else { 1 };
    let tries = match before {
        Delivery::Deferred { tries, .. } => tries.saturating_add(1).max(least),
        _ => least,
    };
    let nth = usize::try_from(tries.saturating_sub(least)).unwrap_or(usize::MAX);
    let wait = Span::seconds(WAITS.get(nth).copied().unwrap_or(LONGEST)).as_micros();
    let lot = (letter.id.as_u128() ^ u128::from(tries)) % 401;
    let moved = wait / 1_000 * (i64::try_from(lot).unwrap_or(0) - 200);
    Delivery::Deferred { tries, until: now + Span::micros(wait + moved) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::letter;
    use super::*;

    #[test]
    fn waits_grow_to_five_minutes_and_never_end() {
        let now = Timestamp::from_seconds(1_000);
        for number in 0..500 {
            let letter = letter(number);
            let mut state = Delivery::Waiting;
            for expected in [5, 15, 30, 60, 120, 300, 300] {
                state = deferred(&letter, state, Trouble::Line, now);
                let Delivery::Deferred { until, .. } = state else { panic!("deferred") };
                let waited = until.since(now).as_micros();
                let bar = expected * 1_000_000;
                assert!(waited >= bar * 8 / 10 && waited <= bar * 12 / 10, "{waited} for {bar}");
            }
        }
    }

    #[test]
    fn what_no_waiting_mends_is_stuck_at_once_and_still_tried_again_soon() {
        let now = Timestamp::from_seconds(1_000);
        for trouble in [Trouble::Unwelcome, Trouble::SignIn, Trouble::Trust] {
            let mut state = Delivery::Waiting;
            for (nth, expected) in (0..).zip([5, 15, 30, 60, 120, 300, 300]) {
                state = deferred(&letter(3), state, trouble, now);
                let Delivery::Deferred { tries, until } = state else { panic!("deferred") };
                assert_eq!(tries, REFUSED_TO_ALL + nth, "{trouble:?}");
                let waited = until.since(now).as_seconds();
                assert!(waited * 10 >= expected * 8 - 10 && waited * 10 <= expected * 12);
            }
        }
        let line = deferred(&letter(3), Delivery::Waiting, Trouble::Line, now);
        assert!(matches!(line, Delivery::Deferred { tries: 1, .. }), "may mend itself");
    }

    #[tokio::test]
    async fn the_same_letter_twice_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let way = Way::Maildir(folder.path().to_owned());
        for _ in 0..2 {
            way.deliver(&letter(7)).await.unwrap();
        }
        let files = std::fs::read_dir(folder.path().join("new")).unwrap().count();
        assert_eq!(files, 1);
    }

    #[tokio::test]
    async fn a_server_that_is_down_keeps_the_letter_waiting() {
        let server = super::super::smtp::SmtpServer::new(super::super::smtp::SmtpSettings {
            server: "localhost".to_owned(),
            port: 1,
            from: "wardline@elmrow.example".to_owned(),
            sign_in: None,
            trust: None,
        })
        .unwrap();
        let way = Arc::new(Way::Smtp(Box::new(server)));
        let (send, receive) = tokio::sync::mpsc::channel(1);
        let (report, reports) = crossbeam_channel::bounded(1);
        send.send((letter(1), Delivery::Waiting)).await.unwrap();
        drop(send);
        deliver_letters(way, Clock::real(), receive, report).await;
        let fared = reports.recv().unwrap();
        assert_eq!(fared.trouble, Some(Trouble::Line));
        assert!(matches!(fared.delivery, Delivery::Deferred { tries: 1, .. }));
    }
}
