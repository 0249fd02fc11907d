// Command server is the sea: it keeps bottles adrift until somebody catches them.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"sync"

	"example.com/bottles/internal/bottle"
)

type sea struct {
	mu      sync.Mutex
	bottles []*bottle.Bottle
}

func (s *sea) throw(b *bottle.Bottle) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bottles = append(s.bottles, b)
	return len(s.bottles)
}

func (s *sea) catch() (*bottle.Bottle, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.bottles) == 0 {
		return nil, 0
	}
	b := s.bottles[0]
	s.bottles = s.bottles[1:]
	return b, len(s.bottles)
}

func (s *sea) answer(request bottle.Request) bottle.Response {
	switch request.Action {
	case "throw":
		if request.Bottle == nil {
			return bottle.Response{Error: "nothing to throw"}
		}
		return bottle.Response{Adrift: s.throw(request.Bottle)}
	case "catch":
		b, adrift := s.catch()
		return bottle.Response{Bottle: b, Adrift: adrift}
	default:
		return bottle.Response{Error: "unknown action " + request.Action}
	}
}

func (s *sea) serve(conn net.Conn) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for {
		var request bottle.Request
		if err := bottle.Receive(reader, &request); err != nil {
			if !errors.Is(err, io.EOF) {
				log.Printf("%s: %v", conn.RemoteAddr(), err)
			}
			return
		}
		if err := bottle.Send(conn, s.answer(request)); err != nil {
			log.Printf("%s: %v", conn.RemoteAddr(), err)
			return
		}
	}
}

func main() {
	addr := flag.String("addr", bottle.DefaultAddr, "address to listen on")
	lang := flag.String("lang", "en", "language of the log")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		<-ctx.Done()
		listener.Close()
	}()

	printer := bottle.Printer(*lang)
	log.Print(printer.Sprintf("the sea is open at %s", *addr))
	waters := &sea{}
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			log.Print(printer.Sprintf("%d bottles are still adrift", len(waters.bottles)))
			return
		}
		if err != nil {
			log.Print(err)
			continue
		}
		go waters.serve(conn)
	}
}
