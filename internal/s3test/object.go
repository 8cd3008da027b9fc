package s3test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func (s *Server) find(req Request) (*object, error) {
	o := s.object(req.Bucket, req.Key)
	if o == nil {
		return nil, failed("NoSuchKey", "The specified key does not exist.")
	}
	return o, nil
}

// get answers GetObject and HeadObject.
func (s *Server) get(w http.ResponseWriter, r *http.Request, req Request) error {
	o, err := s.find(req)
	if err != nil {
		return err
	}
	if match := r.Header.Get("If-Match"); match != "" && match != o.etag {
		return failed("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	}
	from, to, err := parseRange(r.Header.Get("Range"), o.size)
	if err != nil {
		return err
	}
	file, err := os.Open(o.path)
	if err != nil {
		return err
	}
	defer file.Close()
	h := w.Header()
	h.Set("ETag", o.etag)
	h.Set("Last-Modified", o.stored.UTC().Format(http.TimeFormat))
	h.Set("Content-Type", o.ContentType)
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.FormatInt(to-from, 10))
	if o.Encryption != "" {
		h.Set("X-Amz-Server-Side-Encryption", o.Encryption)
		h.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", o.KMSKeyID)
	}
	status := http.StatusOK
	if r.Header.Get("Range") != "" {
		status = http.StatusPartialContent
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, o.size))
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		io.Copy(struct{ io.Writer }{w}, io.NewSectionReader(file, from, to-from))
	}
	return nil
}

// parseRange returns the first byte and the one after the last.
func parseRange(text string, size int64) (from, to int64, err error) {
	if text == "" {
		return 0, size, nil
	}
	first, last, ok := strings.Cut(strings.TrimPrefix(text, "bytes="), "-")
	from, err = strconv.ParseInt(first, 10, 64)
	if !ok || err != nil {
		return 0, size, nil // as S3 does with what it does not understand
	}
	to = size
	if n, err := strconv.ParseInt(last, 10, 64); err == nil && n+1 < size {
		to = n + 1
	}
	if from >= size || from > to {
		return 0, 0, failed("InvalidRange", "The requested range is not satisfiable")
	}
	return from, to, nil
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, req Request) error {
	o, err := s.receive(r)
	if err != nil {
		return err
	}
	if err := o.describe(r); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[req.Bucket+"/"+req.Key] = o
	w.Header().Set("ETag", o.etag)
	return nil
}

// describe takes over the headers that describe an object.
func (o *object) describe(r *http.Request) error {
	o.ContentType = r.Header.Get("Content-Type")
	o.Encryption = r.Header.Get("X-Amz-Server-Side-Encryption")
	o.KMSKeyID = r.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")
	if o.KMSKeyID != "" && o.Encryption != "aws:kms" {
		return failed("InvalidArgument", "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms")
	}
	return nil
}
