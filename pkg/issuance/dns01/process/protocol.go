package process

import "github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"

// Subcommand is the hidden command that serves the protocol on standard input and output.
const Subcommand = "dns-provider"

// Version is the protocol version. Both ends must have the same.
const Version = 1

// maxLine is the maximum length of a line, with its end.
const maxLine = 1 << 20

// Methods of requests. A process gets one Hello, one Make, and then any number of the others,
// several of which may be in progress at a time.
const (
	Hello   = "hello"   // the version of the protocol
	Make    = "make"    // the provider
	Timeout = "timeout" // the provider's traits
	Present = "present" // write a record
	CleanUp = "cleanup" // remove a record
	Cancel  = "cancel"  // stop the call with this ID; it has no answer of its own
)

// Request is a line to the process.
type Request struct {
	ID     uint64 `json:"id"`
	Method string `json:"method"`

	Version   int               `json:"version,omitempty"`   // of Hello
	Provider  string            `json:"provider,omitempty"`  // of Make: lego's name
	Variables map[string][]byte `json:"variables,omitempty"` // of Make: any bytes, as in a Secret
	Record    *dns01.Record     `json:"record,omitempty"`    // of Present and CleanUp
}

// Response is a line from the process, the answer to the request with this ID.
type Response struct {
	ID uint64 `json:"id"`

	Version int           `json:"version,omitempty"` // of Hello
	Traits  *dns01.Traits `json:"traits,omitempty"`  // of Timeout
	Error   string        `json:"error,omitempty"`   // of the provider, "" on success
}
