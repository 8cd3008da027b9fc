package awsjson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// MaxRequest is the size in bytes of the largest request body, unless
// [Service.LimitRequests] sets another.
const MaxRequest = 1 << 20

// The content types of the versions of the protocol, which differ in nothing else
// here.
const (
	contentType1_0 = "application/x-amz-json-1.0"
	contentType1_1 = "application/x-amz-json-1.1"
)

// Operation answers a call whose request has the body. The result is encoded
// as JSON, unless it is a [Body]. An error of another type than [*Error]
// becomes an InternalFailure with its text.
type Operation func(ctx context.Context, body []byte) (any, error)

// Op returns the operation with the typed input and output.
func Op[In, Out any](call func(context.Context, *In) (Out, error)) Operation {
	return func(ctx context.Context, body []byte) (any, error) {
		in := new(In)
		if err := decode(body, in); err != nil {
			return nil, Errorf("SerializationException", "%v", err)
		}
		return call(ctx, in)
	}
}

// Body is a result that writes its own JSON, for results too large to hold.
type Body interface {
	Len() int64 // bytes that WriteTo writes
	io.WriterTo
	io.Closer // called once, whether or not WriteTo was
}

// Service is an http.Handler that answers the calls of one AWS service. It is
// safe for concurrent use.
type Service struct {
	name       string
	prefixes   []string // of targets
	operations map[string]*operation
	maxRequest int64
	injector   atomic.Pointer[injector]
	onCall     atomic.Pointer[func(string)]
}

type operation struct {
	call  Operation
	count atomic.Int64
}

// NewService returns the service with the name that its IAM actions start
// with and the version that its targets start with. Some services have other
// targets in older clients, or in those of other languages.
func NewService(name, target string, operations map[string]Operation, otherTargets ...string) *Service {
	s := &Service{name: name, prefixes: []string{target + "."}, operations: make(map[string]*operation, len(operations)), maxRequest: MaxRequest}
	for _, other := range otherTargets {
		s.prefixes = append(s.prefixes, other+".")
	}
	for name, call := range operations {
		s.operations[name] = &operation{call: call}
	}
	s.SetFaults(Faults{})
	return s
}

// LimitRequests sets the size in bytes of the largest request body. Call it before
// the service is served.
func (s *Service) LimitRequests(bytes int64) { s.maxRequest = bytes }

// operationOf returns the name of the operation that a target of the service names.
func (s *Service) operationOf(target string) (name string, ok bool) {
	for _, prefix := range s.prefixes {
		if name, ok := strings.CutPrefix(target, prefix); ok {
			return name, true
		}
	}
	return "", false
}

// Calls returns how many calls of each operation have arrived. Operations
// without a call are left out.
func (s *Service) Calls() map[string]int {
	calls := make(map[string]int)
	for name, op := range s.operations {
		if n := op.count.Load(); n > 0 {
			calls[name] = int(n)
		}
	}
	return calls
}

// Count returns the number of calls of the operations together, or of all
// operations if none is named.
func Count(calls map[string]int, operations ...string) int {
	n := 0
	for operation, count := range calls {
		if len(operations) == 0 || slices.Contains(operations, operation) {
			n += count
		}
	}
	return n
}

// ResetCalls sets the counts to zero.
func (s *Service) ResetCalls() {
	for _, op := range s.operations {
		op.count.Store(0)
	}
}

// OnCall sets a function that is called with the operation's name when a call
// has arrived and been counted, before anything else happens to it. Nil
// removes it.
func (s *Service) OnCall(f func(operation string)) {
	if f == nil {
		s.onCall.Store(nil)
		return
	}
	s.onCall.Store(&f)
}

// ServeHTTP answers one call.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Amzn-Requestid"] = []string{randomUUID()}
	contentType := contentType1_1
	if r.Header.Get("Content-Type") == contentType1_0 {
		contentType = contentType1_0
	}
	w.Header()["Content-Type"] = []string{contentType}
	if r.Method != http.MethodPost {
		writeError(w, &Error{Code: "UnknownOperationException", Message: "a call is a POST request", Status: http.StatusNotFound})
		return
	}
	target := r.Header.Get("X-Amz-Target")
	name, ok := s.operationOf(target)
	op := s.operations[name]
	if !ok || op == nil {
		writeError(w, Errorf("UnknownOperationException", "the test server has no operation with the target %q", target))
		return
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer putBuffer(buf)
	if _, err := buf.ReadFrom(io.LimitReader(r.Body, s.maxRequest+1)); err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	if int64(buf.Len()) > s.maxRequest {
		w.Header().Set("Connection", "close")
		writeError(w, &Error{Code: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge,
			Message: fmt.Sprintf("the request has more than %d bytes", s.maxRequest)})
		return
	}
	op.count.Add(1)
	if f := s.onCall.Load(); f != nil {
		(*f)(name)
	}
	out := http.ResponseWriter(w)
	fault, err := s.injector.Load().next(r.Context(), s.name, name)
	switch {
	case fault == faultDrop:
		panic(http.ErrAbortHandler) // closes the connection
	case err != nil:
		writeError(w, err)
		return
	case fault == faultTruncate:
		out = &truncatedWriter{ResponseWriter: w}
	}
	result, err := op.call(context.WithValue(r.Context(), requestKey{}, r), buf.Bytes())
	if err == nil && (fault == faultLateError || fault == faultLateDrop) {
		if body, ok := result.(Body); ok {
			body.Close()
		}
		if fault == faultLateDrop {
			panic(http.ErrAbortHandler)
		}
		err = errTold()
	}
	if err != nil {
		if r.Context().Err() != nil {
			panic(http.ErrAbortHandler) // the client has gone, or the server closes
		}
		writeError(out, err)
		return
	}
	writeResult(out, result)
}

func writeError(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = Errorf("InternalFailure", "%v", err)
	}
	writeJSON(w, e.status(), struct {
		Code    string `json:"__type"`
		Message string `json:"message"`
	}{e.Code, e.Message})
}

func writeResult(w http.ResponseWriter, result any) {
	body, ok := result.(Body)
	if !ok {
		writeJSON(w, http.StatusOK, result)
		return
	}
	defer body.Close()
	writeHeader(w, http.StatusOK, body.Len())
	if _, err := body.WriteTo(w); err != nil {
		panic(http.ErrAbortHandler) // too late for an error reply
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	buf := buffers.Get().(*bytes.Buffer)
	defer putBuffer(buf)
	encoder := json.NewEncoder(buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		buf.Reset()
		status = http.StatusInternalServerError
		fmt.Fprintf(buf, `{"__type":"InternalFailure","message":%q}`, err.Error())
	}
	writeHeader(w, status, int64(buf.Len()))
	w.Write(buf.Bytes())
}

func writeHeader(w http.ResponseWriter, status int, size int64) {
	w.Header()["Content-Length"] = []string{strconv.FormatInt(size, 10)}
	w.WriteHeader(status)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func putBuffer(buf *bytes.Buffer) {
	if buf.Cap() > 256<<10 {
		return // a rare large one is not worth keeping
	}
	buf.Reset()
	buffers.Put(buf)
}
