//! The server on a free port inside the test process, over a database of its own.

use std::sync::{Arc, mpsc};

use reparc::app::{Actor, App, Clock, tokens};
use reparc::http;
use serde_json::json;

use super::client::Client;
use super::db::TestDb;

/// A server and its database; both go when it is dropped.
pub struct Server {
    pub app: Arc<App>,
    /// `host:port`.
    pub address: String,
    handle: actix_web::dev::ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
    pub db: TestDb,
}

impl Server {
    /// On SQLite, with the clock of the machine.
    pub fn sqlite() -> Server {
        Server::on(TestDb::sqlite(), Clock::system())
    }

    /// On both engines (PostgreSQL when there is a cluster to test on): `for server in Server::each() { … }`.
    pub fn each() -> impl Iterator<Item = Server> {
        let makers: [fn() -> Option<TestDb>; 2] = [|| Some(TestDb::sqlite()), TestDb::postgres];
        makers
            .into_iter()
            .filter_map(|make| make())
            .map(|db| Server::on(db, Clock::system()))
    }

    /// On this database, with this clock.
    pub fn on(db: TestDb, clock: Clock) -> Server {
        let mut app = App::new(db.store.clone(), clock, "http://reparc.test").unwrap();
        // This process is the tests, not the program.
        app.reader = env!("CARGO_BIN_EXE_reparc").into();
        let app = Arc::new(app);
        let (tell, hear) = mpsc::channel();
        let served = Arc::clone(&app);
        let options = http::Options {
            listen: "127.0.0.1:0".into(),
            tls: None,
            trusted: Vec::new(),
            rate: 0,
            demo: false,
            settings: Vec::new(),
            workers: Some(1),
        };
        let thread = std::thread::spawn(move || {
            http::serve(served, options, |up| {
                let _ = tell.send((up.url.clone(), up.handle.clone()));
            })
            .unwrap();
        });
        let (url, handle) = hear.recv().unwrap();
        Server {
            app,
            address: url.trim_start_matches("http://").to_owned(),
            handle,
            thread: Some(thread),
            db,
        }
    }

    /// Somebody without a token.
    pub fn anonymous(&self) -> Client {
        Client {
            address: self.address.clone(),
            token: None,
        }
    }

    /// A token of this role, in this organisation (key) or at the root.
    pub fn client(&self, role: &str, organisation: Option<&str>) -> Client {
        let new = json!({"name": role, "role": role, "organisation": organisation});
        let new = reparc::domain::input::parse(new).unwrap();
        let made = tokens::issue(&self.app, &Actor::operator(), new).unwrap();
        Client {
            address: self.address.clone(),
            token: made.secret,
        }
    }

    /// An administrator at the root.
    pub fn admin(&self) -> Client {
        self.client("administrator", None)
    }

    /// A new organisation below `main`, by REST.
    pub fn organisation(&self, key: &str) {
        let body = json!({"key": key, "name": format!("Commune de {key}"), "kind": "commune", "parent": "main"});
        self.admin().post("/organisations", body).expect(201);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The future sends its command when made; nothing here can wait for it, the thread can.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
