//! Programs that read names from captures: how each is asked, and what its answer says.

use std::net::IpAddr;
use std::path::Path;

use serde_json::Value;

use crate::telling::{Kind, Telling};

/// A program that reads a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// An empty loop over libpcap: packets are counted, nothing is read.
    EmptyLoop,
    /// `tcpdump`, which copies packets.
    Tcpdump,
    /// This project's `observe`.
    Wardline,
    /// Cisco's mercury.
    Mercury,
    /// Suricata with DNS, TLS and QUIC in its log, without rules.
    Suricata,
    /// nDPI's example reader.
    NdpiReader,
    /// Zeek.
    Zeek,
    /// `tshark`, which puts together what came in another order.
    Tshark,
}

impl Reader {
    /// All of them, the cheapest first.
    pub const ALL: [Self; 8] = [
        Self::EmptyLoop,
        Self::Tcpdump,
        Self::Wardline,
        Self::Mercury,
        Self::Suricata,
        Self::NdpiReader,
        Self::Zeek,
        Self::Tshark,
    ];

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmptyLoop => "empty loop",
            Self::Tcpdump => "tcpdump",
            Self::Wardline => "wardline observe",
            Self::Mercury => "mercury",
            Self::Suricata => "suricata",
            Self::NdpiReader => "ndpiReader",
            Self::Zeek => "zeek",
            Self::Tshark => "tshark",
        }
    }

    /// The program that is started: found on the path, or beside this one where it is ours.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::EmptyLoop => "empty-loop",
            Self::Wardline => "wardline",
            other => other.name(),
        }
    }

    /// Whether it is of this repository.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::EmptyLoop | Self::Wardline)
    }

    /// Whether it tells names at all.
    #[must_use]
    pub const fn tells_names(self) -> bool {
        !matches!(self, Self::EmptyLoop | Self::Tcpdump)
    }

    /// The words after the program. It runs in a folder of its own, into which those write
    /// that write to files.
    #[must_use]
    pub fn words(self, capture: &Path) -> Vec<String> {
        let words: &[&str] = match self {
            Self::EmptyLoop => &["FILE"],
            Self::Tcpdump => &["-r", "FILE", "-w", "/dev/null"],
            Self::Wardline => &["observe", "FILE"],
            Self::Mercury => &[
                "-r",
                "FILE",
                "-f",
                "told.json",
                "--metadata",
                "--dns-json",
                "--reassembly",
                "--select=tls.client_hello,quic,dns",
            ],
            Self::Suricata => &[
                "-r",
                "FILE",
                "-c",
                "suricata.yaml",
                "-l",
                ".",
                "-S",
                "/dev/null",
                "-k",
                "none",
                "--runmode",
                "single",
            ],
            Self::NdpiReader => &["-i", "FILE", "-q", "-t", "-C", "told.csv"],
            Self::Zeek => &["-C", "-r", "FILE", "LogAscii::use_json=T"],
            Self::Tshark => &[
                "-n",
                "-r",
                "FILE",
                "-o",
                "tcp.reassemble_out_of_order:TRUE",
                "-Y",
                "dns.flags.response == 0 or tls.handshake.type == 1",
                "-T",
                "fields",
                "-e",
                "ip.src",
                "-e",
                "ipv6.src",
                "-e",
                "tcp.srcport",
                "-e",
                "udp.srcport",
                "-e",
                "dns.qry.name",
                "-e",
                "tls.handshake.extensions_server_name",
            ],
        };
        let file = capture.to_string_lossy();
        words
            .iter()
            .map(|word| if *word == "FILE" { file.to_string() } else { (*word).into() })
            .collect()
    }

    /// What must stand in its folder before it is started.
    #[must_use]
    pub const fn setting(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Suricata => Some(("suricata.yaml", SURICATA)),
            _ => None,
        }
    }

    /// The files in which it tells names; none is its standard output.
    #[must_use]
    pub const fn files(self) -> &'static [&'static str] {
        match self {
            Self::Mercury => &["told.json"],
            Self::Suricata => &["eve.json"],
            Self::NdpiReader => &["told.csv"],
            Self::Zeek => &["dns.log", "ssl.log", "quic.log"],
            _ => &[],
        }
    }

    /// What its answer tells.
    #[must_use]
    pub fn tellings(self, text: &str) -> Vec<Telling> {
        let json = |read: fn(&Value) -> Option<Telling>| {
            text.lines().filter_map(|line| read(&serde_json::from_str(line).ok()?)).collect()
        };
        match self {
            Self::EmptyLoop | Self::Tcpdump => Vec::new(),
            Self::Wardline => json(wardline),
            Self::Mercury => json(mercury),
            Self::Suricata => json(suricata),
            Self::Zeek => json(zeek),
            Self::NdpiReader => text.lines().filter_map(ndpi).collect(),
            Self::Tshark => text.lines().filter_map(tshark).collect(),
        }
    }
}

/// Only what names: no rules, no flows.
const SURICATA: &str = "%YAML 1.1
---
vars:
  address-groups:
    HOME_NET: any
    EXTERNAL_NET: any
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types:
        - dns:
            requests: yes
            responses: no
        - tls
        - quic
app-layer:
  protocols:
    tls:
      enabled: yes
      detection-ports:
        dp: 443
    quic:
      enabled: yes
    dns:
      udp:
        enabled: yes
        detection-ports:
          dp: 53
stream:
  memcap: 2gb
  midstream: true
  reassembly:
    memcap: 2gb
flow:
  memcap: 2gb
";

fn telling(kind: Kind, client: &Value, port: &Value, name: &Value) -> Option<Telling> {
    let client = client.as_str()?.parse().ok()?;
    let port = port.as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or(0);
    Some(Telling { client, port, kind, name: plain(name.as_str()?) })
}

/// A name as all spell it.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn wardline(line: &Value) -> Option<Telling> {
    let (kind, name) = match line["kind"].as_str()? {
        "dns_query" => (Kind::Dns, &line["name"]),
        "tls_client_hello" => (Kind::Tls, &line["sni"]),
        "quic_client_hello" => (Kind::Quic, &line["sni"]),
        _ => return None,
    };
    telling(kind, &line["src"], &line["sport"], name)
}

fn suricata(line: &Value) -> Option<Telling> {
    let (client, port) = (&line["src_ip"], &line["src_port"]);
    match line["event_type"].as_str()? {
        // Until version 7 a question is "query" and holds one name; since 8 it holds several.
        "dns" if matches!(line["dns"]["type"].as_str(), Some("query" | "request")) => {
            let one = &line["dns"]["rrname"];
            let name = if one.is_null() { &line["dns"]["queries"][0]["rrname"] } else { one };
            telling(Kind::Dns, client, port, name)
        }
        "tls" => telling(Kind::Tls, client, port, &line["tls"]["sni"]),
        "quic" => telling(Kind::Quic, client, port, &line["quic"]["sni"]),
        _ => None,
    }
}

fn mercury(line: &Value) -> Option<Telling> {
    let (client, port) = (&line["src_ip"], &line["src_port"]);
    let hello = &line["tls"]["client"]["server_name"];
    if !hello.is_null() {
        let kind = if line["quic"].is_null() { Kind::Tls } else { Kind::Quic };
        return telling(kind, client, port, hello);
    }
    let question = &line["dns"]["query"]["question"][0]["name"];
    telling(Kind::Dns, client, port, question)
}

fn zeek(line: &Value) -> Option<Telling> {
    let (client, port) = (&line["id.orig_h"], &line["id.orig_p"]);
    if !line["query"].is_null() {
        return telling(Kind::Dns, client, port, &line["query"]);
    }
    let is_quic = line["history"].is_string() || line["client_initial_dcid"].is_string();
    let kind = if is_quic { Kind::Quic } else { Kind::Tls };
    telling(kind, client, port, &line["server_name"])
}

/// Number, protocol, times, then the client with its port, the server, protocols, the name.
fn ndpi(line: &str) -> Option<Telling> {
    let words: Vec<&str> = line.split([',', '|']).collect();
    let client = words.get(5)?.parse().ok()?;
    let port = words.get(6)?.parse().ok()?;
    let protocol = words.get(10)?;
    let kind = if protocol.starts_with("DNS") {
        Kind::Dns
    } else if protocol.contains("QUIC") {
        Kind::Quic
    } else {
        Kind::Tls
    };
    let name = words.get(11).filter(|name| name.contains('.'))?;
    Some(Telling { client, port, kind, name: plain(name) })
}

/// Sources of IPv4 and IPv6, ports of TCP and UDP, the name asked for, the name of a hello.
fn tshark(line: &str) -> Option<Telling> {
    let words: Vec<&str> = line.split('\t').collect();
    let [v4, v6, tcp, udp, asked, hello] = words[..] else { return None };
    let client: IpAddr = if v4.is_empty() { v6 } else { v4 }.parse().ok()?;
    let (kind, port, name) = match (asked, tcp) {
        ("", "") => (Kind::Quic, udp, hello),
        ("", _) => (Kind::Tls, tcp, hello),
        _ => (Kind::Dns, udp, asked),
    };
    let name = name.split(',').next().filter(|name| !name.is_empty())?;
    Some(Telling { client, port: port.parse().ok()?, kind, name: plain(name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_readers_answer_tells_the_same() {
        let expected = |kind, port| Telling {
            client: [10, 20, 1, 7].into(),
            port,
            kind,
            name: "www.elmrow.example".to_owned(),
        };
        let (tls, quic) = (expected(Kind::Tls, 40_000), expected(Kind::Quic, 40_000));
        for (reader, text, found) in [
            (
                Reader::Wardline,
                r#"{"kind":"tls_client_hello","src":"10.20.1.7","sport":40000,"sni":"www.elmrow.example"}"#,
                &tls,
            ),
            (
                Reader::Wardline,
                r#"{"kind":"dns_query","src":"10.20.1.7","name":"www.elmrow.example"}"#,
                &expected(Kind::Dns, 0),
            ),
            (
                Reader::Suricata,
                r#"{"event_type":"dns","src_ip":"10.20.1.7","src_port":40000,"dns":{"type":"request","queries":[{"rrname":"www.elmrow.example"}]}}"#,
                &expected(Kind::Dns, 40_000),
            ),
            (
                Reader::Suricata,
                r#"{"event_type":"quic","src_ip":"10.20.1.7","src_port":40000,"quic":{"sni":"www.elmrow.example"}}"#,
                &quic,
            ),
            (
                Reader::Mercury,
                r#"{"tls":{"client":{"server_name":"www.elmrow.example"}},"src_ip":"10.20.1.7","src_port":40000}"#,
                &tls,
            ),
            (Reader::Tshark, "10.20.1.7\t\t\t40000\t\twww.elmrow.example", &quic),
            (Reader::Tshark, "10.20.1.7\t\t40000\t\t\twww.elmrow.example", &tls),
        ] {
            assert_eq!(reader.tellings(text), std::slice::from_ref(found), "{text}");
        }
        assert_eq!(Reader::Wardline.tellings(r#"{"kind":"dns_answer","src":"10.20.1.7"}"#), []);
    }
}
