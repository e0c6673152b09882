package zone

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/miekg/dns"
)

// API serves the records as lines of a zone file, in which the TTL may be
// left out:
//
//	GET    /records                  all of them
//	POST   /records                  adds those of the body
//	DELETE /records                  deletes those of the body
//	DELETE /records?name=N[&type=T]  deletes a name, or one type of it
func (z *Zone) API() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /records", func(w http.ResponseWriter, r *http.Request) {
		for _, rr := range z.All() {
			fmt.Fprintln(w, rr)
		}
	})
	mux.HandleFunc("POST /records", z.change(func(r *http.Request) ([]dns.RR, error) {
		return parse(r.Body)
	}))
	mux.HandleFunc("DELETE /records", z.change(deletions))
	return mux
}

func (z *Zone) change(read func(*http.Request) ([]dns.RR, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		changes, err := read(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := z.Apply(changes); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func deletions(r *http.Request) ([]dns.RR, error) {
	name, typ := r.FormValue("name"), r.FormValue("type")
	if name == "" {
		changes, err := parse(r.Body)
		for _, rr := range changes {
			rr.Header().Class = dns.ClassNONE
		}
		return changes, err
	}
	qtype, known := dns.TypeANY, true
	if typ != "" {
		qtype, known = dns.StringToType[typ]
	}
	if !known {
		return nil, fmt.Errorf("type %s: unknown", typ)
	}
	return []dns.RR{&dns.ANY{Hdr: dns.RR_Header{Name: dns.Fqdn(name), Rrtype: qtype, Class: dns.ClassANY}}}, nil
}

func parse(body io.Reader) ([]dns.RR, error) {
	parser := dns.NewZoneParser(body, ".", "")
	parser.SetDefaultTTL(ttl)
	var rrs []dns.RR
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		if rr.Header().Class != dns.ClassINET {
			return nil, fmt.Errorf("%s: not of class IN", rr)
		}
		rrs = append(rrs, rr)
	}
	if err := parser.Err(); err != nil {
		return nil, err
	}
	if len(rrs) == 0 {
		return nil, errors.New("no records given")
	}
	return rrs, nil
}
