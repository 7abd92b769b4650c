// A worker for pages on a disk, where browsers start none: the same script in a frame of its own.
// The search of the theme sends its requests to it; its script looks for the second name.
if (location.protocol === "file:") {
  window.Worker = window.IFrameWorker = class extends EventTarget {
    constructor(address) {
      super()
      const base = new URL(address, location)
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      this.inside = frame.contentWindow
      this.inside.document.open()
      this.inside.document.write("<!doctype html><html><body></body></html>")
      this.inside.document.close()
      const load = one => new Promise((ready, failed) => {
        const script = this.inside.document.createElement("script")
        script.src = new URL(one, base)
        script.onload = ready
        script.onerror = failed
        this.inside.document.body.append(script)
      })
      this.inside.importScripts = (...all) =>
        all.reduce((before, one) => before.then(() => load(one)), Promise.resolve())
      this.inside.postMessage = data => {
        const message = new MessageEvent("message", {data})
        this.dispatchEvent(message)
        if (this.onmessage) this.onmessage(message)
      }
      this.ready = load(base)
    }
    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", {data})))
    }
    terminate() {
      this.inside.frameElement.remove()
    }
  }
}
