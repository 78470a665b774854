/** Plain answers, in German. */
import type { InnerWords } from '../enInner.ts';

export const help: InnerWords['help'] = {
  title: 'Klare Antworten.',
  lead: 'Was auf deinem Gerät geschieht, was es dich kostet und wie du es beendest.',
  authors: 'Du hast Arbeit für viele Tabs? Stell einen Auftrag ein',
  owners: 'Du hast eine Website? Hol es dir dorthin',
  answers: [
    {
      id: 'what-runs',
      question: 'Was läuft in meinem Tab?',
      answer: [
        'Mathematik mit Daten, die ein Auftraggeber eingestellt hat: Kernel in WGSL, aus einem Katalog oder vom Auftraggeber geschrieben und zuvor von diesem Koordinator geprüft, und ONNX-Modelle. Sie laufen in einem Worker dieser Seite, auf der Grafikkarte über WebGPU oder auf dem Prozessor über WebAssembly, je nachdem, was für das jeweilige Paket schneller ist.',
        'Auftraggeber schicken niemals Skripte. Was sie schicken, kann weder Dateien noch andere Tabs, deine Kamera oder dein Netzwerk lesen; dafür sorgt die Sandbox des Browsers und obendrein eine strenge Inhaltsrichtlinie dieser Website.',
      ],
    },
    {
      id: 'cost',
      question: 'Was kostet es mich?',
      answer: [
        'Strom: Ein Laptop, der rechnet, zieht etwa 15 bis 45 Watt mehr als einer, der ruht, ein Desktop mit großer Grafikkarte 100 bis 300. Eine Stunde mit 30 Watt sind 0,03 Kilowattstunden, ungefähr so viel wie ein Wasserkocher in einer Minute. Dein Gerät wird warm, und der Lüfter kann anspringen.',
        'Daten: Modelle werden einmal geladen und behalten (höchstens 1 GiB), Eingaben und Ergebnisse sind daneben klein. Die Anzeige der laufenden Arbeit sagt, wie viel hin- und herging.',
        '„Wie dieser Tab arbeitet“ auf der ersten Seite sagt, wann er von selbst ruht: im Akkubetrieb, während du da bist, außerhalb deiner Zeiten. Der Pauseknopf wirkt sofort.',
      ],
    },
    {
      id: 'sent',
      question: 'Was wird gesendet, und an wen?',
      answer: [
        'Ergebnisse, wie schnell sie kamen, und was der Browser über seine Grafikkarte sagt, gehen an diese Website und an niemanden sonst. Wo ein Modell auf mehrere Tabs verteilt ist, erreichen sich diese Tabs direkt und sehen dabei gegenseitig ihre Internetadressen.',
        'Für dich steht ein Schlüssel, der in diesem Browser entsteht. Es gibt keine E-Mail und kein Passwort, und keinen Namen, außer du gibst einen an. Deine Internetadresse wird nur als Hashwert mit Schlüssel aufbewahrt.',
      ],
    },
    {
      id: 'stop',
      question: 'Wie höre ich auf?',
      answer: [
        'Drück auf Anhalten oder schließ den Tab. Was in Arbeit ist, geht sofort zurück, und jemand anders rechnet es: Niemand wartet auf dich. Im Hintergrund bleibt nichts.',
        'Geladene Modelle löscht ein Knopf unter den Einstellungen. Um auch deinen Schlüssel zu entfernen, lösch in den Einstellungen des Browsers die Daten dieser Website. Tu das erst, nachdem du ein weiteres Gerät verbunden oder die Wiederherstellungswörter aufgeschrieben hast, wenn du deine Credits behalten willst.',
      ],
    },
    {
      id: 'why-credit',
      question: 'Warum bekam ich für etwas keinen Credit?',
      answer: [
        'Jedes Arbeitspaket hat eine Zeile in Meine Credits, auch was abgelehnt wurde, mit dem Grund: Ergebnisse, die von anderen abwichen oder zu spät kamen. Credits sind vorläufig, bis genug von deiner Arbeit geprüft ist.',
        'Öffne eine Zeile, um zu sehen, wer es noch gerechnet hat, was verglichen wurde und welcher Eintrag des öffentlichen Protokolls es beweist.',
      ],
    },
    {
      id: 'trust',
      question: 'Woher weiß man, dass die Ergebnisse stimmen?',
      answer: [
        'Ein Tab legt sich auf seine Ergebnisse fest, bevor er erfährt, welche davon angesehen werden. Geheime Stichproben werden mit denen anderer verglichen und vom Koordinator nachgerechnet; wer erwischt wird, verliert, was noch nicht endgültig war, und seine übrige Arbeit wird noch einmal geprüft.',
        'Was das Prüfen gerade kostet, steht auf der Seite Netzwerk.',
      ],
    },
    {
      id: 'credits',
      question: 'Was sind Credits wert?',
      answer: [
        'Ein Credit steht für eine Billion geprüfter Rechenoperationen, auf jedem Gerät gleich. Er hält fest, was du gegeben hast, und ist kein Geld. Auftraggeber geben Credits aus, um rechnen zu lassen.',
      ],
    },
  ],
};
