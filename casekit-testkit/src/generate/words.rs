//! What people are called and what they write, in several languages and scripts.

pub(super) const GIVEN_NAMES: &[&str] = &[
    "Zoë",
    "José",
    "Łukasz",
    "Søren",
    "Ana",
    "Émilie",
    "Jürgen",
    "Ingrid",
    "Иван",
    "Ολγα",
    "محمد",
    "李明",
    "さくら",
    "Şebnem",
    "Đorđe",
    "Anna",
    "Peter",
    "Noor",
    "Siobhán",
    "Chloé",
];

pub(super) const FAMILY_NAMES: &[&str] = &[
    "Müller",
    "Núñez",
    "Żak",
    "Ærøskøbing",
    "Smith",
    "Lefèvre",
    "Straßer",
    "Björk",
    "Петров",
    "Παπαδόπουλος",
    "العربي",
    "王",
    "田中",
    "Yıldız",
    "Đukić",
    "de Vries",
    "O'Neil",
    "Ångström",
];

pub(super) const SUBJECTS: &[&str] = &[
    "Printer prints blank pages",
    "Drucker druckt leere Seiten in der Großen Straße",
    "L'imprimante ne répond plus après la mise à jour",
    "La impresora señala un atasco que no existe",
    "Faktura zawiera błąd w kwocie",
    "Принтер не печатает",
    "プリンターが動きません",
    "打印机卡纸",
    "Ödeme sayfası açılmıyor",
    "Refund for order 10-4711",
    "Can't log in: e-mail a@example.com unknown",
    "Re: Re: invoice",
    "Ærø ferry booking — naïve question",
    "Ο εκτυπωτής δεν λειτουργεί",
    "الطابعة لا تعمل",
    "100% of pages_are wrong",
    "invoice",
    "",
];

pub(super) const SENTENCES: &[&str] = &[
    "The device shows error 0x7F and restarts.",
    "Seit dem Update hört man nur noch ein Rauschen.",
    "Pouvez-vous me rappeler cet après-midi, s'il vous plaît ?",
    "He intentado todo lo que dice el manual, también el capítulo niño.",
    "Proszę o zwrot pieniędzy za źle naliczoną fakturę.",
    "Я жду ответа уже третий день.",
    "電源を入れても何も起こりません。",
    "请尽快回复,谢谢。",
    "Teşekkürler, sorun çözüldü gibi görünüyor.",
    "Please close this, it works again 👍🏽.",
    "We ordered 3 and got 4, see the invoice.",
    "Blå lampe blinker; ær det normalt?",
    "Don't call before 9:30, write to zoë@example.org instead.",
    "Ευχαριστώ πολύ για τη βοήθεια.",
    "هل يمكنكم المساعدة؟",
    "The printer in room B-12 jams on every second page.",
];

pub(super) const TAGS: &[&str] = &[
    "billing",
    "urgent",
    "vip",
    "hardware",
    "Straße",
    "rückgabe",
    "follow up",
    "spam?",
    "打印",
];

pub(super) const LANGUAGES: &[&str] =
    &["en", "de", "fr", "es", "pl", "ru", "ja", "zh-Hant", "nl-BE"];

pub(super) const COLOURS: &[&str] = &["red", "green", "blue", "weiß", "Red"];

pub(super) const PRODUCTS: &[&str] = &[
    "Printer",
    "Router",
    "Caméra",
    "Drohne",
    "Service plan",
    "スキャナー",
];

pub(super) const STAGES: &[&str] = &[
    "new",
    "in_progress",
    "waiting_for_customer",
    "on_hold",
    "resolved",
];
