package lab

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// ErrDown says that the lab is not running.
var ErrDown = errors.New("the lab is not running")

// control is what the supervisor takes orders by. The API server's admin token
// is its password.
func control(f *family, down func()) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(f.status())
	})
	mux.HandleFunc("POST /kill/{part}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, f.kill(r.PathValue("part")))
	})
	mux.HandleFunc("POST /start/{part}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, f.start(r.PathValue("part")))
	})
	mux.HandleFunc("POST /down", func(w http.ResponseWriter, r *http.Request) {
		f.end()
		reply(w, nil)
		down()
	})
	want := []byte("Bearer " + f.state.Token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			http.Error(w, "not your lab", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func reply(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
	}
}

// order sends the supervisor a request and returns the body of its answer.
func (s *State) order(ctx context.Context, method, path string) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.Addr(portControl)+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil, ErrDown
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		return nil, ErrDown // another lab has the port
	}
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(strings.TrimSpace(string(body)))
	}
	return body, err
}

// Status asks how the parts are doing.
func (s *State) Status(ctx context.Context) ([]Status, error) {
	body, err := s.order(ctx, http.MethodGet, "/status")
	if err != nil {
		return nil, err
	}
	var all []Status
	return all, json.Unmarshal(body, &all)
}

// Kill ends a part with SIGKILL.
func (s *State) Kill(ctx context.Context, part string) error {
	_, err := s.order(ctx, http.MethodPost, "/kill/"+part)
	return err
}

// Down ends everything and returns when nothing is left. It succeeds if
// nothing ran.
func (s *State) Down(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	for {
		_, refused := s.order(ctx, http.MethodPost, "/down")
		lock, err := takeLock(s.lockFile())
		if err == nil {
			return lock.Close()
		}
		if !errors.Is(err, errLocked) {
			return err
		}
		if pause(ctx) != nil { // it is just coming up, or going down
			return errors.Join(errors.New("the lab does not end"), refused)
		}
	}
}

// listenControl is the supervisor's own port.
func (s *State) listenControl() (net.Listener, error) { return net.Listen("tcp", s.Addr(portControl)) }
