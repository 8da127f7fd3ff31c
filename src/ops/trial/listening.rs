//! What the containers of a try listen on, as the kernel lists it.

/// State `LISTEN` in `/proc/net/tcp`.
const LISTEN: &str = "0A";

/// A port that something listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    /// The port.
    pub port: u16,
    /// Whether only the network's own loopback address reaches it.
    pub local: bool,
}

/// Ports in the text of `/proc/net/tcp` and `/proc/net/tcp6`, by number; one that is reached from anywhere at all counts so.
#[must_use]
pub fn listeners(text: &str) -> Vec<Listener> {
    let mut found: Vec<Listener> = text.lines().filter_map(listener).collect();
    found.sort();
    found.dedup_by_key(|listener| listener.port);
    found
}

/// `0: 0100007F:1F90 00000000:0000 0A …`: addresses are words of 32 bits in the machine's order, here little endian.
fn listener(line: &str) -> Option<Listener> {
    let mut columns = line.split_whitespace();
    let (address, port) = columns.nth(1)?.split_once(':')?;
    if columns.nth(1)? != LISTEN {
        return None;
    }
    // An engine's own name server.
    if address == "0B00007F" {
        return None;
    }
    let local = match address.len() {
        8 => address.ends_with("7F"),
        _ => {
            address == "00000000000000000000000001000000"
                || (address.starts_with("0000000000000000FFFF0000") && address.ends_with("7F"))
        }
    };
    Some(Listener { port: u16::from_str_radix(port, 16).ok()?, local })
}

/// In words, such as `3000 and 9090 (on localhost only)`.
#[must_use]
pub fn in_words(listeners: &[Listener]) -> String {
    let word =
        |one: &Listener| format!("{}{}", one.port, if one.local { " (on localhost only)" } else { "" });
    let words: Vec<String> = listeners.iter().map(word).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "no port".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_list_is_read() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 42122 1\n\
             1: 0200D50A:1F91 0100D50A:E006 06 00000000:00000000 03:0000176D 00000000     0        0 0 3\n\
             2: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n\
             3: 0B00007F:A1B2 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n\
             0: 00000000000000000000000000000000:0BB9 00000000000000000000000000000000:0000 0A 00000000:00000000\n\
             0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000\n";
        let found = listeners(text);
        let seen: Vec<(u16, bool)> = found.iter().map(|one| (one.port, one.local)).collect();
        assert_eq!(seen, [(3000, true), (3001, false), (8080, false)]);
        assert_eq!(in_words(&found), "3000 (on localhost only), 3001 and 8080");
        assert_eq!(in_words(&[]), "no port");
    }
}
