/** What is said in English from afar, in German. */
import type { Told } from '../toldSentences.ts';

export const told: Told = {
  'There is no work just now.': 'Gerade gibt es keine Arbeit.',
  'This device failed several times in a row and rests a little before it tries again.':
    'Dieses Gerät ist mehrmals hintereinander gescheitert und ruht ein wenig, bevor es einen neuen Versuch macht.',
  'This device gave up finished work several times in a row just before handing it in. It is given nothing for {0} minutes; what it has earned stays.':
    'Dieses Gerät hat mehrmals hintereinander fertige Arbeit kurz vor der Abgabe aufgegeben. {0} Minuten lang bekommt es nichts; was es verdient hat, bleibt.',
  'Results of this device were found wrong again and again, so it is given nothing more of this.':
    'Ergebnisse dieses Geräts waren immer wieder falsch, daher bekommt es davon nichts mehr.',
  'Devices with this graphics driver get this program wrong, so none of them is given it for now. It is the driver and not you: nothing that was verified is lost, and other work goes on.':
    'Geräte mit diesem Grafiktreiber rechnen dieses Programm falsch, daher bekommt es vorerst keines von ihnen. Es liegt am Treiber und nicht an dir: Nichts Geprüftes geht verloren, und andere Arbeit geht weiter.',
  'The work that is open is not what you have chosen. What fits is given to you as soon as it is posted.':
    'Die offene Arbeit ist nicht das, was du gewählt hast. Was passt, bekommst du, sobald es eingestellt wird.',
  'The work that is open needs more than this device offers.':
    'Die offene Arbeit braucht mehr, als dieses Gerät bietet.',
  'Your part of the open work is done. It now waits for a second contributor to check it.':
    'Dein Teil der offenen Arbeit ist getan. Jetzt fehlt noch eine zweite Person, die ihn prüft.',
  'Several devices of your network are new here. A few at a time are tried first; yours comes next.':
    'Mehrere Geräte aus deinem Netzwerk sind neu hier. Zuerst werden immer ein paar davon erprobt; deines kommt als Nächstes.',
  '{0} takes {1} ms an item here, {2} {3} ms.': '{0} braucht hier {1} ms je Element, {2} {3} ms.',
  '{0} is what this device has for this program.':
    '{0} ist das, was dieses Gerät für dieses Programm hat.',
  'WASM: this device’s WebGPU is software, where WASM is 10 to 200 times faster.':
    'WASM: Das WebGPU dieses Geräts ist Software, und da ist WASM 10- bis 200-mal schneller.',
  '“{0}” failed here: {1}.': '„{0}“ ist hier gescheitert: {1}.',
  'Accepted unchecked: the job asks for one report.':
    'Ungeprüft angenommen: Der Auftrag verlangt nur eine Meldung.',
  'Agreed with the quorum.': 'Stimmte mit der Mehrheit überein.',
  'The referee agreed with it.': 'Der Schiedsrichter stimmte damit überein.',
  'The results were committed to, and never handed in.':
    'Die Ergebnisse wurden zugesagt und nie abgegeben.',
  'No report came before the lease ended: another host computed it.':
    'Bis zum Ende der Frist kam keine Meldung: Ein anderes Gerät hat es gerechnet.',
  'Its stage was right, another of the route was not.':
    'Diese Stufe war richtig, eine andere der Route nicht.',
  'Taken back: other items of this contributor were found wrong.':
    'Zurückgenommen: Andere Elemente derselben Person erwiesen sich als falsch.',
  'Secret samples of its items, and at least {0} of its contributor’s, agreed with others or with the referee.':
    'Geheime Stichproben dieser Elemente und mindestens {0} derselben Person stimmten mit anderen oder mit dem Schiedsrichter überein.',
  'Every output was checked: each row by {0} secret projections, which an error of 100 times their threshold escapes with a probability of at most 1e-8.':
    'Jede Ausgabe wurde geprüft: jede Zeile mit {0} geheimen Projektionen, denen ein Fehler vom Hundertfachen ihrer Schwelle mit einer Wahrscheinlichkeit von höchstens 1e-8 entgeht.',
  'Each stage committed to what it received and to what it computed; secretly drawn items of each, and at least {0} of its contributor’s, agreed with the referee.':
    'Jede Stufe hat sich auf das festgelegt, was sie bekam und was sie rechnete; geheim gezogene Elemente jeder Stufe und mindestens {0} derselben Person stimmten mit dem Schiedsrichter überein.',
  'Nothing was checked.': 'Es wurde nichts geprüft.',
  'All {0} items of {1} unrelated volunteers’ reports were compared ({2}): they agreed.':
    'Alle {0} Elemente aus den Meldungen von {1} voneinander unabhängigen Personen wurden verglichen ({2}): Sie stimmten überein.',
  'With it came secret items of {0} reports: {1} were held against them and agreed.':
    'Mit ihm kamen geheime Elemente aus Meldungen anderer: {1} wurden mit ihnen verglichen und stimmten überein.',
  'The coordinator’s referee recomputed {0} of its {1} items, chosen in secret: they agreed.':
    'Der Schiedsrichter des Koordinators hat {0} seiner {1} Elemente nachgerechnet, geheim ausgewählt: Sie stimmten überein.',
  'Nothing of it was checked when it came.': 'Nichts davon wurde geprüft, als es kam.',
  'By the time it was final, {0} of its {1} items had a second opinion that agreed, and {2} checks in a row of its volunteer’s items had found nothing wrong.':
    'Bis es endgültig war, gab es für {0} der {1} Elemente eine zweite Meinung, die übereinstimmte, und {2} Prüfungen in Folge hatten bei Elementen derselben Person nichts Falsches gefunden.',
  'The coordinator does not answer as it should: {0}.':
    'Der Koordinator antwortet nicht, wie er sollte: {0}.',
  'Try again in a moment.': 'Versuch es gleich noch einmal.',
  'This device was removed from its account, or the account was deleted.':
    'Dieses Gerät wurde aus seinem Konto entfernt, oder das Konto wurde gelöscht.',
  'Begin anew on this device: it gets a new key, which can be linked again.':
    'Fang auf diesem Gerät neu an: Es bekommt einen neuen Schlüssel und kann wieder verbunden werden.',
  'This device belongs to an account already.': 'Dieses Gerät gehört schon zu einem Konto.',
  'Remove it there first; it then begins anew and can be linked.':
    'Entferne es zuerst dort; dann fängt es neu an und kann verbunden werden.',
  'This device’s own account has other devices.':
    'Das eigene Konto dieses Geräts hat noch andere Geräte.',
  'Link those devices to the other account one by one, or remove them here first.':
    'Verbinde diese Geräte einzeln mit dem anderen Konto, oder entferne sie zuerst hier.',
  'The account has as many devices as it may.': 'Das Konto hat so viele Geräte, wie es haben darf.',
  'Remove one that is not used any more.': 'Entferne eines, das nicht mehr benutzt wird.',
  'The account of this code was deleted.': 'Das Konto dieses Codes wurde gelöscht.',
  'This is the account’s last device: nobody could use the account any more.':
    'Dies ist das letzte Gerät des Kontos: Niemand könnte das Konto noch benutzen.',
  'Link another device first, or delete the account.':
    'Verbinde zuerst ein anderes Gerät, oder lösch das Konto.',
  'No account has this recovery phrase.': 'Kein Konto hat diese Wiederherstellungswörter.',
  'Check the words and their order; a newer phrase replaces an older one.':
    'Prüf die Wörter und ihre Reihenfolge; neuere ersetzen ältere.',
  'Expected {0} words, came {1}.': 'Erwartet wurden {0} Wörter, gekommen sind {1}.',
  'Not on the list of words: {0}. Look for a slip of the pen.':
    'Nicht auf der Wortliste: {0}. Sieh nach, ob ein Schreibfehler darin ist.',
  'These words do not belong together: a word is wrong, or two changed places.':
    'Diese Wörter gehören nicht zusammen: Eines ist falsch, oder zwei sind vertauscht.',
  'There is no such team, or it was dissolved.':
    'Dieses Team gibt es nicht, oder es wurde aufgelöst.',
  'Another team has this name, or one that differs only in capitals or letter forms.':
    'Ein anderes Team heißt schon so oder unterscheidet sich nur in Großschreibung oder Buchstabenformen.',
  'Choose another name.': 'Wähl einen anderen Namen.',
  'More would be shared than is earned.': 'Es würde mehr geteilt, als verdient wird.',
  'Give one of them less.': 'Gib einem davon weniger.',
  'The coordinator answers with {0}.': 'Der Koordinator antwortet mit {0}.',
  'The answer cannot be read.': 'Die Antwort lässt sich nicht lesen.',
};
