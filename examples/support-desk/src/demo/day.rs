//! What happens that day, hour by hour.

use casekit_core::desk::AgentSession;
use casekit_core::model::{
    Attachment, CallDirection, CallOutcome, Case, Medium, Priority, ProductId, Time,
};
use casekit_core::operations::{
    AddNote, AddOperator, CloseCase, Contact, FirstMessage, GetCase, LogCall, MergeCases,
    NewMessage, OpenCase, OpenMyCase, PatchCase, ReceiveMessage, Reply, SendMyMessage, Speaker,
    TagCase, TakeCase, TransferCase,
};
use casekit_core::{Error, ErrorKind, Result};

use super::{SHOWN, Staff};
use crate::replay::DayClock;

/// The stages that a reply puts a case in.
const WAITING: &str = "waiting_for_customer";
const WORKING: &str = "in_progress";

/// The number of the desk, and those of customers.
const DESK: &str = "+32 2 555 01 00";
const SOFIE: &str = "+32 470 55 01 23";
const AMELIE: &str = "+32 2 555 77 80";
const JOAN: &str = "+44 20 7946 0018";

/// Cases that go on through the day.
#[derive(Debug)]
struct Open {
    app: Case,
    inverter: Case,
    battery: Case,
}

impl Staff {
    /// Plays the day; gives what the agent who came too late for a case was told.
    pub(super) async fn play(&self, clock: &DayClock) -> Result<String> {
        let (app, too_late) = self.two_reach_for_one_case(clock).await?;
        let inverter = self.inverter_fails(clock).await?;
        clock.set(9, 6);
        let text = "Buenos días, José:\nla producción de ayer llega con retraso desde la \
                    actualización. ¿Puede cerrar la sesión y entrar de nuevo?\nTomás Oliveira";
        say(&self.tomas, &app, text, WAITING).await?;
        let battery = self.battery_call(clock).await?;
        let open = Open {
            app,
            inverter,
            battery,
        };
        self.inverter_is_exchanged(clock, &open.inverter).await?;
        self.inverter_comes_twice(clock, &open.inverter).await?;
        self.emergency(clock).await?;
        let invoice = self.invoice(clock).await?;
        self.afternoon(clock, &open, &invoice).await?;
        Ok(too_late)
    }

    /// José writes in Spanish, and two agents reach for his case.
    async fn two_reach_for_one_case(&self, clock: &DayClock) -> Result<(Case, String)> {
        clock.set(8, 12);
        let jose = Contact {
            language: Some("es".to_owned()),
            ..Contact::email("José Núñez Ibáñez", "jose.nunez@example.com")
        };
        let subject = "La aplicación no muestra la producción";
        let text = "Buenos días. Desde la actualización, la aplicación no muestra la producción de \
                    ayer. ¿Pueden ayudarme?";
        let case = self.writes(jose, subject, text, self.app).await?;
        clock.set(8, 47);
        let take = TakeCase {
            case: case.id.into(),
        };
        let taken = self.mieke.run(take).await?;
        let too_late = match self.tomas.run(take).await {
            Err(error) if error.kind() == ErrorKind::Conflict => error.to_string(),
            Err(error) => return Err(error),
            Ok(_) => return Err(Error::bug("two agents took the same case")),
        };
        clock.set(8, 49);
        let transfer = TransferCase {
            case: case.id.into(),
            to: self.tomas_oliveira.id,
            note: "He writes in Spanish: better with you than with a dictionary.".to_owned(),
            seen: Some(taken.version),
        };
        self.mieke.run(transfer).await?;
        Ok((case, too_late))
    }

    /// Joan writes about her inverter.
    async fn inverter_fails(&self, clock: &DayClock) -> Result<Case> {
        clock.set(8, 41);
        let joan = Contact {
            phone: Some(JOAN.to_owned()),
            ..Contact::email("Joan Whitfield", "joan.whitfield@example.com")
        };
        let text = "Good morning,\nour inverter shows F12 and switches itself off every few minutes. \
                    It was installed in December. What can we do?\nJoan Whitfield";
        let subject = "Inverter shows F12 and switches off";
        let case = self.writes(joan, subject, text, self.inverter).await?;
        clock.set(8, 55);
        let take = TakeCase {
            case: case.id.into(),
        };
        self.mieke.run(take).await?;
        let text = "Dear Joan,\nsorry for that. Could you send us the serial number? It is on the \
                    label on the left side.\nMieke Peeters, Zonwerk";
        say(&self.mieke, &case, text, WAITING).await?;
        Ok(case)
    }

    /// Sofie calls, in Dutch.
    async fn battery_call(&self, clock: &DayClock) -> Result<Case> {
        let time = (clock.set(9, 12), clock.set(9, 19));
        let sofie = Contact {
            language: Some("nl".to_owned()),
            ..Contact::phone("Sofie De Smedt", SOFIE)
        };
        let case = OpenCase {
            product: Some(self.battery),
            origin: Medium::Phone,
            ..OpenCase::new(sofie, "Batterij laadt 's nachts niet op")
        };
        let case = self.mieke.run(case).await?;
        let notes = "Batterij blijft sinds zondag op 20 %. Nachttarief staat aan. Ze kijkt in het \
                     menu 'Laadvenster'; wij bellen terug na 14 u.";
        let call = call(&case, CallDirection::Inbound, SOFIE, time, notes);
        self.mieke.run(call).await?;
        Ok(case)
    }

    /// A serial number with a photo, a note among staff, and the answer.
    async fn inverter_is_exchanged(&self, clock: &DayClock, case: &Case) -> Result<()> {
        clock.set(9, 34);
        let mut message = NewMessage::text("It is SB8-1204-77. A photo is attached.\nJoan");
        message.attachments.push(Attachment {
            name: "label.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            size: 84_211,
            location: "demo/label.jpg".to_owned(),
        });
        let answer = ReceiveMessage {
            message,
            ..ReceiveMessage::new(case, "")
        };
        self.system.run(answer).await?;
        clock.set(9, 40);
        let note = "Third F12 from the November batch (SB8-12xx). Swap it without asking for the \
                    invoice, and promise no date: the depot has four left.";
        let note = AddNote {
            case: case.into(),
            text: note.to_owned(),
            mentions: [self.tomas_oliveira.id].into(),
            draft: None,
        };
        self.mieke.run(note).await?;
        let tag = TagCase {
            case: case.into(),
            add: [SHOWN.to_owned(), "f12".to_owned()].into(),
            remove: [].into(),
        };
        self.mieke.run(tag).await?;
        clock.set(9, 52);
        let text = "Thank you, Joan. Your inverter is under warranty: we exchange it. Our engineer \
                    rings you today to fix a time.\nMieke";
        say(&self.mieke, case, text, WORKING).await
    }

    /// Joan opens a second case about the same matter in her own view; Ingrid merges the two.
    async fn inverter_comes_twice(&self, clock: &DayClock, case: &Case) -> Result<()> {
        clock.set(10, 5);
        let joan = self.desk.customer(case.workspace, case.customer);
        let again = OpenMyCase {
            subject: "F12 again".to_owned(),
            text: "It switched off again, this time for an hour. Is somebody coming?".to_owned(),
            product: Some(self.inverter),
        };
        let again = joan.run(again).await?;
        clock.set(10, 16);
        let merge = MergeCases {
            duplicate: again.id.into(),
            into: case.into(),
        };
        self.ingrid.run(merge).await?;
        Ok(())
    }

    /// A surgery without power, in French.
    async fn emergency(&self, clock: &DayClock) -> Result<()> {
        clock.set(10, 31);
        let amelie = Contact {
            phone: Some(AMELIE.to_owned()),
            language: Some("fr".to_owned()),
            ..Contact::email("Dr Amélie Lefèvre", "cabinet.lefevre@example.com")
        };
        let subject = "Plus de courant au cabinet médical";
        let text = "Plus de courant depuis 10 h 20, l'onduleur est éteint. Nous avons des vaccins au \
                    frigo !";
        let case = self.writes(amelie, subject, text, self.inverter).await?;
        let mut urgent = PatchCase::of(&case);
        urgent.priority = Some(Priority::Urgent);
        urgent.flagged = Some(true);
        self.ingrid.run(urgent).await?;
        let take = TakeCase {
            case: case.id.into(),
        };
        self.tomas.run(take).await?;
        let join = AddOperator {
            case: case.id.into(),
            operator: self.mieke_peeters.id,
        };
        self.tomas.run(join).await?;
        let time = (clock.set(10, 36), clock.set(10, 44));
        let notes = "Disjoncteur différentiel remis avec elle au téléphone; l'onduleur redémarre. \
                     À surveiller jusqu'à demain.";
        let call = call(&case, CallDirection::Outbound, AMELIE, time, notes);
        self.tomas.run(call).await?;
        Ok(())
    }

    /// An invoice with a wrong address, closed too early.
    async fn invoice(&self, clock: &DayClock) -> Result<Case> {
        clock.set(11, 20);
        let peter = Contact::email("Peter Blum", "peter.blum@example.com");
        let text = "Invoice 2026-0311 still has our old address. Please correct it.";
        let case = OpenCase {
            origin: Medium::Form,
            ..OpenCase::new(peter, "Invoice with the old address").customer_says(text)
        };
        let case = self.system.run(case).await?;
        clock.set(11, 32);
        let take = TakeCase {
            case: case.id.into(),
        };
        self.mieke.run(take).await?;
        let text = "Dear Mr Blum,\nthe corrected invoice is attached.\nMieke Peeters";
        self.mieke.run(Reply::new(&case, text)).await?;
        close(&self.mieke, &case, "corrected invoice sent").await?;
        Ok(case)
    }

    /// Calls, a goodbye, a case that comes back, and one that nobody has seen yet.
    async fn afternoon(&self, clock: &DayClock, open: &Open, invoice: &Case) -> Result<()> {
        let time = (clock.set(13, 2), clock.set(13, 5));
        let notes = "The engineer rang her: Thursday at 9. Somebody has to be at home.";
        let inbound = call(&open.inverter, CallDirection::Inbound, JOAN, time, notes);
        self.mieke.run(inbound).await?;

        let time = (clock.set(14, 3), clock.set(14, 9));
        let notes = "Laadvenster stond op 0–0 uur. Samen op 23–6 gezet, laadt nu.";
        let outbound = call(&open.battery, CallDirection::Outbound, SOFIE, time, notes);
        self.mieke.run(outbound).await?;
        close(&self.mieke, &open.battery, "charging window was empty").await?;

        clock.set(14, 20);
        let text = "Dear Joan,\nto confirm: our engineer comes on Thursday at 9 and needs about an \
                    hour. Somebody should be at home.\nMieke";
        say(&self.mieke, &open.inverter, text, WAITING).await?;

        clock.set(15, 10);
        let text = "It now has the old address and the wrong name. Could you look again?";
        self.system.run(ReceiveMessage::new(invoice, text)).await?;

        clock.set(15, 48);
        let jose = self.desk.customer(open.app.workspace, open.app.customer);
        let thanks = SendMyMessage {
            case: (&open.app).into(),
            text: "Ya funciona, muchas gracias.".to_owned(),
        };
        jose.run(thanks).await?;
        clock.set(15, 55);
        close(&self.tomas, &open.app, "solved by signing in again").await?;

        clock.set(16, 10);
        let kaj = Contact::email("Kaj Åström", "kaj.astrom@example.com");
        let text =
            "Since the update the app shows the day tariff at night. Is it only the display?";
        self.writes(kaj, "Wrong tariff after the update", text, self.app)
            .await?;
        Ok(())
    }

    /// A customer's e-mail arrives and opens a case, which nobody has yet.
    async fn writes(
        &self,
        customer: Contact,
        subject: &str,
        text: &str,
        product: ProductId,
    ) -> Result<Case> {
        let case = OpenCase {
            product: Some(product),
            origin: Medium::Email,
            message: Some(FirstMessage {
                by: Speaker::Customer,
                message: NewMessage::text(text),
            }),
            ..OpenCase::new(customer, subject)
        };
        self.system.run(case).await
    }
}

async fn say(agent: &AgentSession, case: &Case, text: &str, stage: &str) -> Result<()> {
    let reply = Reply {
        stage: Some(stage.to_owned()),
        ..Reply::new(case, text)
    };
    agent.run(reply).await?;
    Ok(())
}

async fn close(agent: &AgentSession, case: &Case, reason: &str) -> Result<()> {
    // What the customer says after this look would keep the case open.
    let looked = agent.run(GetCase { case: case.into() }).await?;
    let close = CloseCase {
        seen: Some(looked.version),
        ..CloseCase::new(&looked, reason)
    };
    agent.run(close).await?;
    Ok(())
}

fn call(
    case: &Case,
    direction: CallDirection,
    number: &str,
    (started_at, ended_at): (Time, Time),
    notes: &str,
) -> LogCall {
    let (caller, called) = match direction {
        CallDirection::Inbound => (number, DESK),
        CallDirection::Outbound => (DESK, number),
    };
    LogCall {
        case: case.into(),
        direction,
        caller: caller.to_owned(),
        called: called.to_owned(),
        started_at,
        ended_at,
        outcome: CallOutcome::Answered,
        notes: notes.to_owned(),
        recording: None,
    }
}
