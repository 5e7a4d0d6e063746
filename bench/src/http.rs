//! The load: keep-alive connections on one thread that do as little as possible, because the server
//! shares the machine with them.

use std::net::SocketAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::closed_loop::{Meter, Window};
use crate::figures::Figure;
use crate::requests::Request;
use crate::server::Server;

/// Puts the server under load with one kind of request.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub fn measure(server: &Server, request: &Request, connections: usize, seconds: u64) -> Outcome<Figure> {
    let before = server.cpu_seconds()?;
    let mut figure = run(server.address, request, connections, seconds)?;
    let used = server.cpu_seconds()? - before;
    figure.cpu_us = Some(used * 1e6 / figure.answered.max(1) as f64);
    Ok(figure)
}

/// Sends one request and gives its whole answer back.
pub fn once(server: &Server, mut request: Request) -> Outcome<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut stream, mut answer) = (TcpStream::connect(server.address).await?, Vec::new());
        exchange(&mut stream, &mut request, &mut answer).await?;
        Ok(answer)
    })
}

fn run(address: SocketAddr, request: &Request, connections: usize, seconds: u64) -> Outcome<Figure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let window = Window::open(seconds);
        let mut clients = JoinSet::new();
        for _ in 0..connections {
            clients.spawn(client(address, request.clone(), window.meter()));
        }
        let mut meters = Vec::with_capacity(connections);
        while let Some(ended) = clients.join_next().await {
            meters.push(ended??);
        }
        Ok(window.figure(meters))
    })
}

async fn client(address: SocketAddr, mut request: Request, mut meter: Meter) -> Outcome<Meter> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(1 << 16);
    loop {
        let began = Instant::now();
        exchange(&mut stream, &mut request, &mut buffer).await?;
        if !meter.note(began) {
            return Ok(meter);
        }
    }
}

/// Sends a request and reads the whole answer; any status but the wanted one ends the measurement.
async fn exchange(stream: &mut TcpStream, request: &mut Request, buffer: &mut Vec<u8>) -> Outcome<()> {
    stream.write_all(request.next()).await?;
    buffer.clear();
    let mut end = None;
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server hung up in the middle of an answer".into());
        }
        if end.is_none() {
            end = length(buffer);
        }
        if end.is_some_and(|end| buffer.len() >= end) {
            break;
        }
    }
    if status(buffer) == Some(request.status) {
        return Ok(());
    }
    let text = String::from_utf8_lossy(buffer);
    Err(format!("the server did not answer {} but: {text}", request.status).into())
}

fn status(answer: &[u8]) -> Option<u16> {
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

/// The length of an answer, head and body, as soon as its head is there.
fn length(answer: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let at = answer[..head].windows(NAME.len()).position(|part| part == NAME)? + NAME.len();
    let digits = answer[at..head].iter().take_while(|byte| byte.is_ascii_digit());
    Some(head + digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_long_as_its_head_says() {
        let answer = b"HTTP/1.1 201 Created\r\ncontent-type: x\r\ncontent-length: 12\r\ndate: y\r\n\r\nhello";
        assert_eq!(status(answer), Some(201));
        assert_eq!(length(answer), Some(answer.len() - "hello".len() + 12));
        assert_eq!(length(&answer[..30]), None);
    }
}
