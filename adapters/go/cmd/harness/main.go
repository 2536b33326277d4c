// The Go client, driven by its peer:
//
//	wireproof probe client --profile client.yaml -- harness {url}
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"example.org/wsclient/driver"
	"example.org/wsclient/wsclient"
)

func main() {
	compress := flag.Bool("compress", false, "offer permessage-deflate")
	protocols := flag.String("protocols", "", "subprotocols to offer, as in ws.v3.c1,ws.v2.c0")
	insecure := flag.Bool("insecure", false, "do not check the server's certificate")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: harness [-compress] [-protocols LIST] [-insecure] URL")
		os.Exit(2)
	}
	obeying := &driver.Driver{}
	ready := make(chan struct{}) // closed when the driver has its client
	options := wsclient.Options{
		Compress: *compress,
		Redial:   &wsclient.Redial{Attempts: 6, First: 200 * time.Millisecond, Most: 3 * time.Second},
		Log:      func(format string, given ...any) { fmt.Fprintf(os.Stderr, format+"\n", given...) },
		Handlers: map[uint32]func(context.Context, *wsclient.Message){
			driver.Call: func(_ context.Context, m *wsclient.Message) {
				if m.IsRequest() {
					m.Answer(driver.Answer, m.Payload)
				}
			},
			driver.Command: func(_ context.Context, m *wsclient.Message) {
				if <-ready; m.SN == 0 { // one that is part of a call is no command
					obeying.Obey(m.Payload)
				}
			},
		},
		Opened: func(*wsclient.Client) {
			<-ready
			obeying.Opened()
		},
	}
	if *protocols != "" {
		options.Protocols = strings.Split(*protocols, ",")
	}
	if *insecure {
		options.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	client, err := wsclient.Dial(context.Background(), flag.Arg(0), options)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	obeying.Client = driven{client}
	close(ready)
	<-client.Done()
}

// driven is our client as the driver wants one.
type driven struct{ client *wsclient.Client }

func (d driven) Send(protocolID uint32, payload []byte) error {
	return named(d.client.Send(protocolID, payload))
}

func (d driven) Call(ctx context.Context, protocolID uint32, payload []byte) (driver.Answered, error) {
	message, err := d.client.Call(ctx, protocolID, payload)
	if err != nil {
		return driver.Answered{}, named(err)
	}
	return driver.Answered{SN: message.SN, ProtocolID: message.ProtocolID, Payload: message.Payload}, nil
}

func (d driven) EncodeText(text string) ([]byte, error) {
	payload, err := d.client.Text(text)
	if err != nil {
		err = driver.ErrCharset
	}
	return payload, err
}

func (d driven) DecodeText(payload []byte) (string, error) {
	return wsclient.DecodeText(payload, d.client.Charset())
}

func (d driven) SetNextSN(sn uint32) error {
	d.client.SetNextSN(sn)
	return nil
}

func (d driven) Close(code uint16) { d.client.CloseWith(code) }

func (d driven) Reconnect(code uint16) error { return named(d.client.Reconnect(code)) }

func named(err error) error {
	var fault *wsclient.ProtocolError
	switch {
	case errors.Is(err, wsclient.ErrStopped), errors.Is(err, wsclient.ErrClosed):
		return driver.ErrStopped
	case errors.As(err, &fault):
		return driver.ErrTooLarge
	}
	return err
}
