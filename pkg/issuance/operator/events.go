package operator

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/record/util"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// eventRecorder writes Kubernetes Events about the objects that request certificates. It drops
// Events that the API server rejects, and those that exceed its queue.
type eventRecorder struct {
	client typedcorev1.EventsGetter
	queue  chan *corev1.Event
	done   chan struct{}
	// held has the last message about each Secret that needs a change by the user, so that it
	// is written once.
	held map[issuance.Ref]string
}

// eventQueue is the maximum number of queued Events.
const eventQueue = 256

// startEvents returns a recorder that writes until close.
func startEvents(client typedcorev1.EventsGetter) *eventRecorder {
	r := &eventRecorder{client: client, queue: make(chan *corev1.Event, eventQueue), done: make(chan struct{}), held: map[issuance.Ref]string{}}
	go r.write()
	return r
}

func (r *eventRecorder) write() {
	defer close(r.done)
	// Repeated Events are counted, similar ones combined, and those about one object limited,
	// as in Kubernetes' controllers.
	correlator := record.NewEventCorrelatorWithOptions(record.CorrelatorOptions{})
	for e := range r.queue {
		result, err := correlator.EventCorrelate(e)
		if err != nil || result.Skip {
			continue
		}
		if written, err := r.send(result.Event, result.Patch); err == nil {
			correlator.UpdateState(written)
		}
	}
}

// send creates an Event, or patches the one that it repeats.
func (r *eventRecorder) send(e *corev1.Event, patch []byte) (*corev1.Event, error) {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	events := r.client.Events(e.Namespace)
	if e.Count > 1 {
		patched, err := events.Patch(ctx, e.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
		if !apierrors.IsNotFound(err) {
			return patched, err
		}
	}
	e.ResourceVersion = ""
	return events.Create(ctx, e, metav1.CreateOptions{})
}

// Timeouts for the queued Events when the recorder is closed.
const (
	flushTimeout        = 3 * time.Second
	stoppedFlushTimeout = 500 * time.Millisecond // after the end of the context
)

// close writes the queued Events until a timeout.
func (r *eventRecorder) close(ctx context.Context) {
	close(r.queue)
	timeout := flushTimeout
	if ctx.Err() != nil {
		timeout = stoppedFlushTimeout
	}
	select {
	case <-r.done:
	case <-time.After(timeout):
	}
}

// record queues the Event about an event, if there is one.
func (r *eventRecorder) record(e issuance.Event) {
	event := newEvent(e, metav1.Now())
	if event == nil {
		return
	}
	if e.Kind == issuance.Deferred {
		if r.held[e.Entry.Ref] == e.Decision.Deferred {
			return
		}
		r.held[e.Entry.Ref] = e.Decision.Deferred
	}
	select {
	case r.queue <- event:
	default:
	}
}

// apiVersions has the API versions of the kinds that request certificates.
var apiVersions = map[string]string{
	"Certificate": "cert-manager.io/v1", "Ingress": "networking.k8s.io/v1",
	"VirtualServer": "k8s.nginx.org/v1", "Gateway": "gateway.networking.k8s.io/v1",
}

// messageLimit is the maximum length of an Event's message, in bytes.
const messageLimit = 1024

// newEvent returns the Event about the object that requests a certificate, nil if the owner
// need not know about it.
func newEvent(e issuance.Event, now metav1.Time) *corev1.Event {
	if e.Entry.Demand == nil {
		return nil
	}
	kind, reason, message := corev1.EventTypeNormal, "Issued", ""
	switch {
	case e.Kind == issuance.Done:
		message = fmt.Sprintf("Stored a certificate in Secret %s, valid until %s", e.Entry.Ref.Name, e.Entry.Have.NotAfter.UTC().Format(time.RFC3339))
	case e.Kind == issuance.Failed:
		kind, reason, message = corev1.EventTypeWarning, "Failed", e.Err.Error()
	case e.Kind == issuance.Deferred && e.At.IsZero(): // otherwise it only waits for a time
		kind, reason, message = corev1.EventTypeWarning, "NotIssued", e.Decision.Deferred
	default:
		return nil
	}
	by := e.Entry.Demand.By
	return &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: e.Entry.Ref.Namespace, Name: util.GenerateEventName(by.Name, now.UnixNano())},
		InvolvedObject: corev1.ObjectReference{APIVersion: apiVersions[by.Kind], Kind: by.Kind, Namespace: e.Entry.Ref.Namespace, Name: by.Name},
		Type:           kind, Reason: reason, Message: truncate(message, messageLimit),
		FirstTimestamp: now, LastTimestamp: now, Count: 1, Source: corev1.EventSource{Component: "kubectl-certs"},
	}
}

// truncate returns the beginning of a text, at most limit bytes of whole characters.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
