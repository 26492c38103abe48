// The display on the wall is silent. Somebody may turn a short sound on for this screen; it is heard at each new call.

const button = document.getElementById("sound");
let on = false;
let latest = document.getElementById("calls").dataset.latest;
let audio = null;

button.hidden = false;
button.addEventListener("click", () => {
  on = !on;
  audio ??= new AudioContext();
  button.setAttribute("aria-pressed", String(on));
  if (on) chime();
});

function chime() {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.setValueAtTime(0.2, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.6);
  tone.frequency.value = 880;
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.6);
}

document.body.addEventListener("htmx:afterSettle", () => {
  const now = document.getElementById("calls")?.dataset.latest ?? "";
  if (on && now && now !== latest) chime();
  latest = now;
});
