// Package bottle defines the messages that drift between clients and the server, and how they travel.
package bottle

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// DefaultAddr is where the server listens unless told otherwise.
const DefaultAddr = "localhost:4040"

// MaxText is the longest message, in bytes, that fits into a bottle.
const MaxText = 280

// A Bottle is one message on its way.
type Bottle struct {
	ID     string    `json:"id"`
	From   string    `json:"from"`
	Text   string    `json:"text"`
	Thrown time.Time `json:"thrown"`
}

// A Request is what a client asks of the server: "throw" or "catch".
type Request struct {
	Action string  `json:"action"`
	Bottle *Bottle `json:"bottle,omitempty"`
}

// A Response is what the server answers.
type Response struct {
	Bottle *Bottle `json:"bottle,omitempty"`
	Adrift int     `json:"adrift"`
	Error  string  `json:"error,omitempty"`
}

// New corks a message.
func New(from, text string) (*Bottle, error) {
	if text == "" {
		return nil, fmt.Errorf("an empty bottle sinks: write a message")
	}
	if len(text) > MaxText {
		return nil, fmt.Errorf("message has %d bytes, a bottle holds %d", len(text), MaxText)
	}
	return &Bottle{ID: uuid.NewString(), From: from, Text: text, Thrown: time.Now().UTC()}, nil
}

// Send writes one value as a line of JSON.
func Send(w io.Writer, value any) error {
	return json.NewEncoder(w).Encode(value)
}

// Receive reads one line of JSON into value.
func Receive(r *bufio.Reader, value any) error {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, value)
}

// Printer speaks the language of a tag such as "en" or "ja"; numbers come out as that language writes them.
func Printer(tag string) *message.Printer {
	wanted, err := language.Parse(tag)
	if err != nil {
		wanted = language.English
	}
	return message.NewPrinter(wanted)
}
