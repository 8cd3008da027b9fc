package s3test

import (
	"encoding/xml"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// minPart is the smallest size of a part that is not the last.
const minPart = 5 << 20

// upload is an upload in parts.
type upload struct {
	bucket, key string
	object      object // as its start describes it
	parts       map[int]*object
}

func (s *Server) createUpload(w http.ResponseWriter, r *http.Request, req Request) error {
	u := &upload{bucket: req.Bucket, key: req.Key, parts: make(map[int]*object)}
	if err := u.object.describe(r); err != nil {
		return err
	}
	s.mu.Lock()
	s.started++
	id := "upload-" + strconv.Itoa(s.started)
	s.uploads[id] = u
	s.mu.Unlock()
	writeXML(w, struct {
		XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string
	}{Bucket: req.Bucket, Key: req.Key, UploadId: id})
	return nil
}

func (s *Server) upload(r *http.Request, req Request) (*upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[r.URL.Query().Get("uploadId")]
	if u == nil || u.bucket != req.Bucket || u.key != req.Key {
		return nil, failed("NoSuchUpload", "The specified multipart upload does not exist.")
	}
	return u, nil
}

func (s *Server) uploadPart(w http.ResponseWriter, r *http.Request, req Request) error {
	u, err := s.upload(r, req)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(req.Part)
	if err != nil || number < 1 || number > 10_000 {
		return failed("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
	}
	if r.Header.Get("X-Amz-Server-Side-Encryption") != "" {
		return failed("InvalidArgument", "x-amz-server-side-encryption header is not supported for this operation.")
	}
	o, err := s.receive(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u.parts[number] = o
	w.Header().Set("ETag", o.etag)
	if sum := r.Header.Get("X-Amz-Checksum-Crc32"); sum != "" {
		w.Header().Set("X-Amz-Checksum-Crc32", sum)
	}
	return nil
}

func (s *Server) completeUpload(w http.ResponseWriter, r *http.Request, req Request) error {
	u, err := s.upload(r, req)
	if err != nil {
		return err
	}
	var list struct {
		Part []struct {
			ETag       string
			PartNumber int
		}
	}
	if err := xml.NewDecoder(r.Body).Decode(&list); err != nil || len(list.Part) == 0 {
		return failed("MalformedXML", "The XML you provided was not well-formed")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var bodies []io.Reader
	for i, p := range list.Part {
		part := u.parts[p.PartNumber]
		switch {
		case i > 0 && p.PartNumber <= list.Part[i-1].PartNumber:
			return failed("InvalidPartOrder", "The list of parts was not in ascending order.")
		case part == nil || strings.Trim(p.ETag, `"`) != strings.Trim(part.etag, `"`):
			return failed("InvalidPart", "One or more of the specified parts could not be found.")
		case part.size < minPart && i < len(list.Part)-1:
			return failed("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
		}
		file, err := os.Open(part.path)
		if err != nil {
			return err
		}
		defer file.Close()
		bodies = append(bodies, file)
	}
	o, err := s.store(io.MultiReader(bodies...))
	if err != nil {
		return err
	}
	o.Object = u.object.Object
	o.Parts = len(list.Part)
	s.objects[req.Bucket+"/"+req.Key] = o
	s.remove(r.URL.Query().Get("uploadId"))
	writeXML(w, struct {
		XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket, Key, ETag string
	}{Bucket: req.Bucket, Key: req.Key, ETag: o.etag})
	return nil
}

// remove forgets an upload and its parts.
func (s *Server) remove(id string) {
	for _, part := range s.uploads[id].parts {
		os.Remove(part.path)
	}
	delete(s.uploads, id)
}

func (s *Server) abortUpload(w http.ResponseWriter, r *http.Request, req Request) error {
	if _, err := s.upload(r, req); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(r.URL.Query().Get("uploadId"))
	w.WriteHeader(http.StatusNoContent)
	return nil
}
