// Command client throws a message into the sea, or catches one.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/bottles/internal/bottle"
)

func main() {
	addr := flag.String("addr", bottle.DefaultAddr, "address of the server")
	lang := flag.String("lang", "en", "language of the answers")
	flag.Parse()
	log.SetFlags(0)

	request, err := read(flag.Args())
	if err != nil {
		log.Fatal(err)
	}
	response, err := ask(*addr, request)
	if err != nil {
		log.Fatal(err)
	}
	if response.Error != "" {
		log.Fatal("the server says: ", response.Error)
	}
	show(response, *lang)
}

// read makes a request of the command line: words are thrown, no words catch.
func read(words []string) (bottle.Request, error) {
	if len(words) == 0 {
		return bottle.Request{Action: "catch"}, nil
	}
	b, err := bottle.New(name(), strings.Join(words, " "))
	return bottle.Request{Action: "throw", Bottle: b}, err
}

func name() string {
	if current, err := user.Current(); err == nil && current.Username != "" {
		return current.Username
	}
	return "somebody"
}

func ask(addr string, request bottle.Request) (bottle.Response, error) {
	var response bottle.Response
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return response, fmt.Errorf("cannot reach the sea: %w", err)
	}
	defer conn.Close()
	if err := bottle.Send(conn, request); err != nil {
		return response, err
	}
	err = bottle.Receive(bufio.NewReader(conn), &response)
	return response, err
}

func show(response bottle.Response, lang string) {
	printer := bottle.Printer(lang)
	if b := response.Bottle; b != nil {
		table := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
		fmt.Fprintf(table, "from\t%s\n", b.From)
		fmt.Fprintf(table, "thrown\t%s ago\n", time.Since(b.Thrown).Round(time.Second))
		fmt.Fprintf(table, "says\t%s\n", b.Text)
		table.Flush()
	}
	printer.Printf("%d bottles adrift\n", response.Adrift)
}
