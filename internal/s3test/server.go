package s3test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Server is the S3 server. It is safe for concurrent use.
type Server struct {
	// URL is the address, such as "http://127.0.0.1:40123".
	URL string

	// Allow, if it is set, returns the error code that a request about the object
	// with the access key fails with, "" for none.
	Allow func(accessKeyID, bucket, key string) string
	// Missing, if it is set, is told that an object is wanted that is not there. It may
	// store the object, and reports whether it has.
	Missing func(bucket, key string) bool

	mkdir func() (string, error) // returns the folder of the objects

	mu       sync.Mutex
	objects  map[string]*object // by bucket, slash and key
	uploads  map[string]*upload // by ID
	started  int                // uploads
	requests []Request
	refused  map[string]string // error codes by access key ID
	fail     func(Request) string
}

// Request is a request that arrived.
type Request struct {
	Operation   string // such as "GetObject"
	Bucket, Key string
	Part        string // number of the part of an upload
	AccessKeyID string // that it was signed with
	RemoteAddr  string // of the connection that it came over
	Header      http.Header
}

// Object is what is stored under a key.
type Object struct {
	Body        []byte
	ContentType string
	Encryption  string // "aws:kms", or "" if it was put without
	KMSKeyID    string
	Parts       int // of the upload it was put with; 0 for one put whole
}

type object struct {
	Object
	path, etag string
	size       int64
	stored     time.Time
}

// New returns a server that keeps its objects in the folder that mkdir returns. It
// listens nowhere: it is an [http.Handler].
func New(mkdir func() (string, error)) *Server {
	return &Server{
		mkdir: mkdir, objects: make(map[string]*object), uploads: make(map[string]*upload), refused: make(map[string]string),
	}
}

// NewServer starts a server that the end of the test closes.
func NewServer(tb testing.TB) *Server {
	tb.Helper()
	dir := tb.TempDir()
	s := New(func() (string, error) { return dir, nil })
	server := httptest.NewServer(s)
	tb.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Config returns a configuration for clients of the server. Clients have to
// set [PathStyle].
func (s *Server) Config() aws.Config { return awsjson.Config(s.URL) }

// PathStyle is an option for clients of the server.
func PathStyle(o *awss3.Options) { o.UsePathStyle = true }

// Put stores an object, for tests.
func (s *Server) Put(bucket, key string, body []byte) {
	if err := s.Store(bucket, key, body); err != nil {
		panic(err)
	}
}

// Store stores an object.
func (s *Server) Store(bucket, key string, body []byte) error {
	o, err := s.store(bytes.NewReader(body))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[bucket+"/"+key] = o
	return nil
}

// Get returns an object, or nil if there is none.
func (s *Server) Get(bucket, key string) *Object {
	o := s.object(bucket, key)
	if o == nil {
		return nil
	}
	body, err := os.ReadFile(o.path)
	if err != nil {
		panic(err)
	}
	result := o.Object
	result.Body = body
	return &result
}

// object returns an object, nil if there is none.
func (s *Server) object(bucket, key string) *object {
	get := func() *object {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.objects[bucket+"/"+key]
	}
	o := get()
	if o == nil && s.Missing != nil && s.Missing(bucket, key) {
		o = get()
	}
	return o
}

// Uploads returns the number of uploads that are neither completed nor aborted.
func (s *Server) Uploads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.uploads)
}

// Requests returns all requests that arrived.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Count returns how many requests of the operation arrived.
func (s *Server) Count(operation string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Operation == operation {
			n++
		}
	}
	return n
}

// Refuse makes requests with the access key fail with the error code, such as
// "ExpiredToken". The code "" admits them again.
func (s *Server) Refuse(accessKeyID, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[accessKeyID] = code
}

// SetFail makes requests fail with the error code that fail returns, "" for
// none, or with the code and the message after a colon and a space. The code
// "drop" closes the connection, in the middle of the body if there is one.
func (s *Server) SetFail(fail func(Request) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = fail
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	req := Request{Bucket: bucket, Key: key, Part: query.Get("partNumber"), AccessKeyID: accessKeyID(r), RemoteAddr: r.RemoteAddr, Header: r.Header.Clone()}
	var serve func(http.ResponseWriter, *http.Request, Request) error
	switch {
	case r.Method == http.MethodGet:
		req.Operation, serve = "GetObject", s.get
	case r.Method == http.MethodHead:
		req.Operation, serve = "HeadObject", s.get
	case r.Method == http.MethodPut && query.Has("uploadId"):
		req.Operation, serve = "UploadPart", s.uploadPart
	case r.Method == http.MethodPut:
		req.Operation, serve = "PutObject", s.put
	case r.Method == http.MethodPost && query.Has("uploads"):
		req.Operation, serve = "CreateMultipartUpload", s.createUpload
	case r.Method == http.MethodPost && query.Has("uploadId"):
		req.Operation, serve = "CompleteMultipartUpload", s.completeUpload
	case r.Method == http.MethodDelete && query.Has("uploadId"):
		req.Operation, serve = "AbortMultipartUpload", s.abortUpload
	default:
		writeError(w, r, "MethodNotAllowed", "the test server does not know the operation")
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, req)
	code, fail := s.refused[req.AccessKeyID], s.fail
	s.mu.Unlock()
	if code == "" && fail != nil {
		code = fail(req)
	}
	if code == "" && s.Allow != nil {
		code = s.Allow(req.AccessKeyID, req.Bucket, req.Key)
	}
	var err error
	switch {
	case req.AccessKeyID == "":
		err = failed("AccessDenied", "the request is not signed")
	case code == "drop" && req.Operation == "GetObject":
		err = serve(&droppingWriter{w}, r, req)
	case code == "drop":
		panic(http.ErrAbortHandler)
	case code != "":
		io.Copy(io.Discard, r.Body)
		code, message, _ := strings.Cut(code, ": ")
		err = failed(code, "%s", cmp.Or(message, "the test server was told to fail"))
	default:
		err = serve(w, r, req)
	}
	if f, ok := err.(*failure); ok {
		writeError(w, r, f.code, f.message)
	} else if err != nil {
		writeError(w, r, "InternalError", err.Error())
	}
}

// droppingWriter closes the connection in the middle of the first write.
type droppingWriter struct{ http.ResponseWriter }

func (w *droppingWriter) Write(p []byte) (int, error) {
	w.ResponseWriter.Write(p[:len(p)/2])
	http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

func accessKeyID(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(credential, "/")
	return id
}

type failure struct{ code, message string }

func (f *failure) Error() string { return f.code + ": " + f.message }

func failed(code, format string, args ...any) error {
	return &failure{code, fmt.Sprintf(format, args...)}
}

func writeError(w http.ResponseWriter, r *http.Request, code, message string) {
	status := http.StatusBadRequest
	switch code {
	case "AccessDenied", "InvalidAccessKeyId":
		status = http.StatusForbidden
	case "NoSuchKey", "NoSuchUpload", "NoSuchBucket":
		status = http.StatusNotFound
	case "InvalidRange":
		status = http.StatusRequestedRangeNotSatisfiable
	case "PreconditionFailed":
		status = http.StatusPreconditionFailed
	case "PermanentRedirect":
		status = http.StatusMovedPermanently
	case "MethodNotAllowed":
		status = http.StatusMethodNotAllowed
	case "SlowDown", "ServiceUnavailable":
		status = http.StatusServiceUnavailable
	case "InternalError":
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	writeXML(w, struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
	}{Code: code, Message: message})
}

func writeXML(w io.Writer, v any) {
	io.WriteString(w, xml.Header)
	xml.NewEncoder(w).Encode(v)
}

// store writes a body to a file.
func (s *Server) store(body io.Reader) (*object, error) {
	dir, err := s.mkdir()
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(dir, "object-*")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	crc := crc32.NewIEEE()
	size, err := io.Copy(io.MultiWriter(file, crc), body)
	if err != nil {
		return nil, err
	}
	sum := binary.BigEndian.AppendUint32(nil, crc.Sum32())
	return &object{path: file.Name(), size: size, etag: fmt.Sprintf(`"%x-%d"`, sum, size), stored: time.Now()}, file.Close()
}

// receive stores the body of a request and checks it.
func (s *Server) receive(r *http.Request) (*object, error) {
	if strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return nil, failed("NotImplemented", "the test server decodes no aws-chunked bodies")
	}
	o, err := s.store(r.Body)
	if err != nil {
		return nil, err
	}
	if o.size != r.ContentLength {
		return nil, failed("IncompleteBody", "%d bytes instead of %d", o.size, r.ContentLength)
	}
	if want := r.Header.Get("X-Amz-Checksum-Crc32"); want != "" {
		sum, err := base64.StdEncoding.DecodeString(want)
		if err != nil || !strings.HasPrefix(o.etag, fmt.Sprintf(`"%x-`, sum)) {
			return nil, failed("BadDigest", "the CRC32 is not that of the body")
		}
	}
	return o, nil
}
