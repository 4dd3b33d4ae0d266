// Reads codes from the camera: by the browser's own detector where there is one, else by a decoder loaded only then.
let stream = null;
let timer = null;

const stop = (place, button, words) => {
  clearTimeout(timer);
  if (stream) for (const track of stream.getTracks()) track.stop();
  stream = null;
  place.replaceChildren();
  place.hidden = true;
  button.textContent = words.camera;
  button.setAttribute("aria-pressed", "false");
};

// A function that finds codes in a video.
const finder = async (decoder) => {
  if ("BarcodeDetector" in window) {
    const wanted = ["qr_code", "data_matrix", "code_128", "code_39", "ean_13"];
    const there = await BarcodeDetector.getSupportedFormats();
    const formats = wanted.filter((one) => there.includes(one));
    if (formats.includes("qr_code")) {
      const detector = new BarcodeDetector({ formats });
      return async (video) => (await detector.detect(video)).map((found) => found.rawValue);
    }
  }
  await new Promise((done, lost) => {
    const script = document.createElement("script");
    script.src = decoder;
    script.onload = done;
    script.onerror = lost;
    document.head.append(script);
  });
  const sheet = document.createElement("canvas");
  const draw = sheet.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, 800 / Math.max(video.videoWidth, video.videoHeight));
    sheet.width = Math.round(video.videoWidth * scale);
    sheet.height = Math.round(video.videoHeight * scale);
    draw.drawImage(video, 0, 0, sheet.width, sheet.height);
    const image = draw.getImageData(0, 0, sheet.width, sheet.height);
    const found = jsQR(image.data, image.width, image.height, { inversionAttempts: "dontInvert" });
    return found && found.data ? [found.data] : [];
  };
};

export const toggle = async ({ place, button, words, decoder, read }) => {
  if (stream) return stop(place, button, words);
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    const video = document.createElement("video");
    video.setAttribute("playsinline", "");
    video.setAttribute("aria-label", words.camera_view);
    video.muted = true;
    video.srcObject = stream;
    place.hidden = false;
    place.replaceChildren(video);
    button.textContent = words.camera_stop;
    button.setAttribute("aria-pressed", "true");
    await video.play();
    const find = await finder(decoder);
    const seen = new Map();
    const turn = async () => {
      if (!stream) return;
      for (const code of await find(video).catch(() => [])) {
        // The same label stays before the lens for a while: it is read once in three seconds.
        const now = Date.now();
        if (now - (seen.get(code) || 0) > 3000) await read(code);
        seen.set(code, now);
      }
      timer = setTimeout(turn, 150);
    };
    turn();
  } catch {
    stop(place, button, words);
    place.hidden = false;
    place.textContent = words.camera_none;
  }
};
