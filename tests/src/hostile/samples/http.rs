//! HTTP/1 requests. Their one length, Content-Length, stands in digits.

use super::super::{Carrier, Laid, Sample};

const TO_WEB: Carrier = Carrier::Tcp { port: 80, from_server: false };

/// Requests one after another, through a proxy, and to open a tunnel.
pub(in super::super) fn all() -> Vec<Sample> {
    let get = b"GET /a?b=c HTTP/1.1\r\nHost: www.elmrow.example:80\r\nAccept: */*\r\n\r\n";
    let post = b"POST /b HTTP/1.1\r\nHost: www.elmrow.example\r\nContent-Length: 4\r\n\r\nbody";
    let absolute =
        b"GET http://u@www.elmrow.example:8080/x HTTP/1.1\r\nHost: other.example\r\n\r\n";
    let connect = b"CONNECT www.elmrow.example:443 HTTP/1.1\r\n\r\n";
    let chunked =
        b"PUT /c HTTP/1.1\r\nHost: www.elmrow.example\r\nTransfer-Encoding: chunked\r\n\r\n\
        5\r\nfirst\r\na;x=y\r\nand second\r\n0\r\nTrailer: x\r\n\r\n";
    let says = &["http www.elmrow.example"];
    let hello = super::tls::record(super::tls::hello(0));
    vec![
        Sample::new("a request", TO_WEB, Laid::bare(get), says),
        Sample::new(
            "a request with a body, and another",
            TO_WEB,
            Laid::bare(&[&post[..], get].concat()),
            &["http www.elmrow.example", "http www.elmrow.example"],
        ),
        Sample::new(
            "a body in chunks, and another",
            TO_WEB,
            Laid::bare(&[&chunked[..], get].concat()),
            &["http www.elmrow.example", "http www.elmrow.example"],
        ),
        Sample::new(
            "a request to a proxy",
            TO_WEB,
            Laid::bare(absolute),
            &["http www.elmrow.example", "conflict other.example", "http other.example"],
        ),
        Sample {
            name: "a tunnel and the hello in it",
            carrier: Carrier::Tcp { port: 3128, from_server: false },
            parts: vec![Laid::bare(connect), hello],
            says: &["http www.elmrow.example", "tls_hello www.elmrow.example"],
        },
    ]
}
