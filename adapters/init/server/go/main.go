// A server of the goutils/ws protocol over gorilla/websocket: one frame a binary message, calls both ways, a hub.
// serve has the handlers, those of the application that wireproof probes: put yours beside them, and take the rest along.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	headerSize   = 14         // magic 2, length 4, protocolId 4, sn 4, all little-endian
	magic        = 0xEFFE     // FE EF on the wire
	maxLength    = 512 << 10  // of the field length, which counts all behind itself
	displacement = 0x7FFFFFFF // the protocolId that tells a client of its displacement
	wait         = time.Minute
)

// No compression: gorilla/websocket accepts parameters of permessage-deflate that it does not keep. Before the 101 it asks
// only CheckOrigin, so that is also where a key and extensions are refused that break RFC 6455 (sections 4.2.1 and 9.1).
var upgrader = websocket.Upgrader{CheckOrigin: func(r *http.Request) bool {
	offers := strings.Join(r.Header["Sec-Websocket-Extensions"], ",")
	return key.MatchString(r.Header.Get("Sec-Websocket-Key")) && extensions.MatchString(offers)
}}

const token = `[!#-'*+.^-z|~\w-]+`
const extension = token + `(\s*;\s*` + token + `(\s*=\s*(` + token + `|"` + token + `"))?)*`

var extensions = regexp.MustCompile(`^[\s,]*(` + extension + `\s*(,[\s,]*` + extension + `\s*)*[\s,]*)?$`)
var key = regexp.MustCompile(`^[A-Za-z0-9+/]{22}==$`) // 16 bytes
var hub, hubLock = map[string]*peer{}, sync.Mutex{}   // one connection an identity, the newest
var order = binary.LittleEndian

type peer struct {
	socket  *websocket.Conn
	address string
	writing sync.Mutex
	calls   atomic.Uint32 // made by us
	pending sync.Map      // func([]byte) by sn
}

// send writes a frame: one-way with sn 0, an answer with the sn of its request, a call with a number of our own.
func (p *peer) send(id, sn uint32, payload []byte) {
	head := order.AppendUint32(order.AppendUint16(nil, magic), uint32(8+len(payload)))
	frame := append(order.AppendUint32(order.AppendUint32(head, id), sn), payload...)
	p.writing.Lock()
	defer p.writing.Unlock()
	p.socket.SetWriteDeadline(time.Now().Add(wait))
	p.socket.WriteMessage(websocket.BinaryMessage, frame)
	if id == displacement { // the last frame: nothing comes between it and the close frame
		p.close(websocket.CloseNormalClosure)
	}
}

// call sends a request; done gets the payload of the answer, if one comes. A server's numbers are odd, from 3 on.
func (p *peer) call(id uint32, payload []byte, done func([]byte)) {
	sn := (p.calls.Add(1)-1)%0x7FFFFFFF*2 + 3
	p.pending.Store(sn, done)
	p.send(id, sn, payload)
}

// close sends a close frame. The client has a second to answer; a reset would overtake what it has not read yet.
func (p *peer) close(code int) bool {
	p.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(wait))
	time.AfterFunc(time.Second, func() { p.socket.Close() })
	return false
}

// serve is the application: what it does on a protocolId. Unknown ones are ignored. What takes long does so elsewhere.
func (p *peer) serve(id, sn uint32, payload []byte) {
	switch id {
	case 2: // echo: of a call as its answer, else one-way
		p.send(3, sn, payload)
	case 4: // the same, slowly
		time.AfterFunc(2*time.Second, func() { p.send(5, sn, payload) })
	case 6: // a call of the server, which reports the answer
		p.call(7, payload, func(answer []byte) { p.send(8, 0, answer) })
	case 10: // a burst
		for number := 0; number < 100; number++ {
			p.send(11, 0, []byte(strconv.Itoa(number)))
		}
	case 12: // a signal to fetch what is new
		p.send(9, 0, []byte("pulled"))
	}
}

// receive handles a message; false: it was the last one. An answer is known by its number alone.
func (p *peer) receive() bool {
	p.socket.SetReadDeadline(time.Now().Add(wait))
	kind, message, err := p.socket.ReadMessage()
	if err != nil { // the client left, or broke RFC 6455 and was told so
		p.socket.Close()
		return false
	} else if kind != websocket.BinaryMessage {
		return p.close(websocket.CloseUnsupportedData)
	} else if len(message) < headerSize || order.Uint16(message) != magic || int(order.Uint32(message[2:])) != len(message)-6 {
		return p.close(websocket.CloseProtocolError)
	}
	id, sn, payload := order.Uint32(message[6:]), order.Uint32(message[10:]), message[headerSize:]
	if done, found := p.pending.LoadAndDelete(sn); found {
		done.(func([]byte))(payload)
	}
	p.serve(id, sn, payload)
	return true
}

func join(w http.ResponseWriter, r *http.Request) {
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it was refused
	}
	p := &peer{socket: socket, address: r.RemoteAddr}
	query := r.URL.Query()
	typed, _ := strconv.Atoi(query.Get("typed")) // what is no number is 0
	identity := fmt.Sprintf("%s-%d-%s-%s", query.Get("uid"), typed, query.Get("deviceId"), query.Get("source"))
	hubLock.Lock()
	old := hub[identity]
	hub[identity] = p
	hubLock.Unlock()
	if old != nil { // P_DISPLACE {old_ip = 1, new_ip = 2, ts = 3}; the newcomer does not wait for it
		text := fmt.Sprintf("\x0A%c%s\x12%c%s\x18", len(old.address), old.address, len(p.address), p.address)
		go old.send(displacement, 0, binary.AppendUvarint([]byte(text), uint64(time.Now().UnixNano())))
	}
	go func() { // pings, until one cannot be sent any more
		for err := error(nil); err == nil; err = socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(wait)) {
			time.Sleep(wait * 2 / 5)
		}
	}()
	socket.SetPongHandler(func(string) error { return socket.SetReadDeadline(time.Now().Add(wait)) })
	socket.SetReadLimit(6 + maxLength)
	for p.receive() {
	}
	hubLock.Lock()
	if hub[identity] == p {
		delete(hub, identity)
	}
	hubLock.Unlock()
}

func main() {
	port := flag.Int("port", 8003, "the port to listen on")
	flag.Parse()
	http.HandleFunc("/join", join)
	log.Fatal(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *port), nil))
}
