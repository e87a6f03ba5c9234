//! Connections that break in the middle of a commit, before and after the server has done it: the
//! commit is there once.
#![cfg(all(feature = "postgres", feature = "mysql"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

use std::sync::{Arc, Mutex};

use casekit_core::model::{FromEntity, Key, Seq, Stored, What, WorkspaceId};
use casekit_core::port::Lookup;
use casekit_core::{Change, ChangeSet};
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_testkit::generate::Generator;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(0x42));

/// Where the next connection that sends something breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Nowhere,
    /// After so many bytes to the server.
    Asking(usize),
    /// After so many bytes from the server.
    Answering(usize),
}

/// Stands between a store and a server.
struct Proxy {
    cut: Arc<Mutex<Cut>>,
    url: String,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects to the server of an address, by the socket that it names, or by host and port.
async fn upstream(url: &str, port: u16) -> Box<dyn Stream> {
    let (address, settings) = url.split_once('?').unwrap_or((url, ""));
    let socket = settings.split('&').find_map(|setting| {
        let host = setting.strip_prefix("host=");
        let host = host.map(|folder| format!("{folder}/.s.PGSQL.{port}"));
        host.or(setting.strip_prefix("socket=").map(str::to_owned))
    });
    if let Some(socket) = socket {
        return Box::new(UnixStream::connect(socket).await.unwrap());
    }
    let host = address
        .split("://")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let host = host.rsplit('@').next().unwrap();
    let host = match host.contains(':') {
        true => host.to_owned(),
        false => format!("{host}:{port}"),
    };
    Box::new(TcpStream::connect(host).await.unwrap())
}

impl Proxy {
    async fn before(url: String, port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (user, rest) = rest.split_once('@').unwrap();
        let name = rest.split(['/', '?']).nth(1).unwrap();
        // The proxy understands nothing: it must see all in clear.
        let clear = match scheme {
            "mysql" => "ssl-mode=disabled",
            _ => "sslmode=disable",
        };
        let own = format!("{scheme}://{user}@{own}/{name}?{clear}");
        let cut = Arc::new(Mutex::new(Cut::Nowhere));
        let shared = Arc::clone(&cut);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = upstream(&url, port).await;
                tokio::spawn(pass(client, server, Arc::clone(&shared)));
            }
        });
        Self { cut, url: own }
    }

    fn cut(&self, cut: Cut) {
        *self.cut.lock().unwrap() = cut;
    }

    fn has_cut(&self) -> bool {
        *self.cut.lock().unwrap() == Cut::Nowhere
    }
}

/// Passes bytes on in both directions until it is time to cut.
async fn pass(mut client: TcpStream, mut server: Box<dyn Stream>, cut: Arc<Mutex<Cut>>) {
    let (mut asked, mut answered) = (vec![0; 4096], vec![0; 4096]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(read @ 1..) = read else { return };
                let room = room(&cut, |cut| match cut { Cut::Asking(left) => Some(left), _ => None }, read);
                let _ = server.write_all(&asked[..room.unwrap_or(read)]).await;
                if room.is_some() {
                    // What was sent arrives; the rest never does.
                    let _ = server.flush().await;
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(read @ 1..) = read else { return };
                let room = room(&cut, |cut| match cut { Cut::Answering(left) => Some(left), _ => None }, read);
                let _ = client.write_all(&answered[..room.unwrap_or(read)]).await;
                if room.is_some() {
                    return;
                }
            }
        }
    }
}

/// How many of `read` bytes still go through, if it is time to cut within them.
fn room(cut: &Mutex<Cut>, left: fn(&mut Cut) -> Option<&mut usize>, read: usize) -> Option<usize> {
    let mut cut = cut.lock().unwrap();
    let left = left(&mut cut)?;
    if *left >= read {
        *left -= read;
        return None;
    }
    let room = *left;
    *cut = Cut::Nowhere;
    Some(room)
}

/// A case that is opened.
fn opened(world: &mut Generator) -> (Key, ChangeSet) {
    let customer = world.customer();
    let mut case = world.case(&customer);
    case.number = 0;
    case.external_id = None;
    let key = case.key();
    let set = ChangeSet {
        id: world.id(),
        workspace: WORKSPACE,
        changes: vec![Change::Create(case.into_entity())],
        events: vec![world.event(key, What::Opened)],
    };
    (key, set)
}

async fn is_there_once(proxy: Proxy) {
    let store = casekit_sqlx::connect(&proxy.url).await.unwrap();
    store.migrate().await.unwrap();
    let mut world = Generator::new(1, WORKSPACE);
    let mut number = 0;
    let asking = [0, 1, 40, 200, 1_000].map(Cut::Asking);
    let answering = [0, 1, 12, 60].map(Cut::Answering);
    for cut in [Cut::Nowhere].into_iter().chain(asking).chain(answering) {
        let (key, set) = opened(&mut world);
        proxy.cut(cut);
        let done = store.commit(set.clone()).await.unwrap();
        assert!(proxy.has_cut(), "{cut:?} cut nothing");
        number += 1;
        assert_eq!(done.number(&key), Some(number), "{cut:?}");
        assert_eq!(done.seq, Seq(number), "{cut:?}");
        // Sent once more, it is known.
        assert_eq!(store.commit(set).await.unwrap(), done, "{cut:?}");
        // Questions are asked again, too.
        proxy.cut(cut);
        let found = store.load(&[Lookup::Key(key)]).await.unwrap();
        assert!(found[0].is_some(), "{cut:?}");
        proxy.cut(Cut::Nowhere);
        let events = store.feed(WORKSPACE, Seq(0), 100).await.unwrap();
        let seqs: Vec<u64> = events.iter().map(|event| event.seq.0).collect();
        assert_eq!(seqs, (1..=number).collect::<Vec<_>>(), "{cut:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_to_postgres_is_there_once() {
    if let Some(url) = fresh_postgres().await {
        is_there_once(Proxy::before(url, 5432).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_to_mysql_is_there_once() {
    if let Some(url) = fresh_mysql().await {
        is_there_once(Proxy::before(url, 3306).await).await;
    }
}
