package pipelinetest

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
)

// The most that is extracted from an archive.
const (
	maxExtracted      = 256 << 20 // bytes
	maxExtractedFiles = 10000
)

// putOutputs makes the output artifacts of a run that has succeeded: they are
// written when somebody gets them, unless somebody has put them by then. The worker
// of a job puts its own.
func (r *run) putOutputs(o Outcome) {
	s := r.execution.server()
	p, _ := s.provider(r.action.Type)
	for _, out := range r.outputs {
		files := o.Artifacts[out.Name]
		if files == nil && r.revision != nil {
			files = r.revision.Files
		}
		made := r.updated
		switch {
		case files != nil:
			s.store.promise(out, func() ([]byte, error) { return zipFS(files) })
		case r.job:
		case r.copySource(out):
		case p.files != nil:
			content := p.files(r, out.Name)
			s.store.promise(out, func() ([]byte, error) { return zipFiles(content, made) })
		case len(r.inputs) > 0: // A build passes on what it has built of.
			in := r.inputs[0]
			s.store.promise(out, func() ([]byte, error) {
				if o := s.store.s3.Get(in.Bucket, in.Key); o != nil {
					return o.Body, nil
				}
				return zipFiles(nil, made)
			})
		default:
			content := map[string]string{"README.md": "# " + out.Name + "\n\nMade by the action " + r.action.Name + ".\n"}
			s.store.promise(out, func() ([]byte, error) { return zipFiles(content, made) })
		}
	}
}

// copySource makes the output artifact of an S3 source of the object, if the server
// has it.
func (r *run) copySource(out Artifact) bool {
	if !r.action.isSource() || r.action.Type.Provider != "S3" {
		return false
	}
	s3 := r.execution.server().store.s3
	o := s3.Get(r.configuration["S3Bucket"], r.configuration["S3ObjectKey"])
	return o != nil && s3.Store(out.Bucket, out.Key, o.Body) == nil
}

// repositoryFiles are those of a source.
func repositoryFiles(r *run, _ string) map[string]string {
	c := r.configuration
	text := "# " + r.action.Name + "\n\nRevision " + r.revision.ID + "\n"
	for _, key := range []string{"FullRepositoryId", "RepositoryName", "Repo", "S3ObjectKey"} {
		if name := c[key]; name != "" {
			text = "# " + name + "\n\nRevision " + r.revision.ID + "\n"
			break
		}
	}
	return map[string]string{"README.md": text}
}

// imageDetail is the file that an ECR source puts out.
func imageDetail(r *run, _ string) map[string]string {
	v := r.variables
	return jsonFile("imageDetail.json", map[string]any{
		"ImageSizeInBytes": "44728918", "ImageDigest": v["ImageDigest"], "Version": "1.0", "ImagePushedAt": r.revision.Created.UTC().Format(time.UnixDate),
		"RegistryId": v["RegistryId"], "RepositoryName": v["RepositoryName"], "ImageURI": v["ImageURI"], "ImageTags": []string{v["ImageTag"]},
	})
}

// stackOutputs is the file with the outputs of a stack.
func stackOutputs(r *run, _ string) map[string]string {
	return jsonFile(r.configuration["OutputFileName"], r.variables)
}

// scanReport is the bill of materials that a scan puts out.
func scanReport(*run, string) map[string]string {
	return jsonFile("inspector_scan_sbom.json", map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []any{}, "vulnerabilities": []any{}})
}

func jsonFile(name string, content any) map[string]string {
	text, _ := json.Marshal(content) // maps of texts and lists
	if name == "" {
		name = "output.json"
	}
	return map[string]string{name: string(text) + "\n"}
}

// commandFiles are made up, one for each pattern of the artifact.
func commandFiles(r *run, output string) map[string]string {
	files := make(map[string]string)
	for _, pattern := range r.action.Files[output] {
		name := strings.Trim(strings.NewReplacer("**", "folder", "*", "file", "?", "x").Replace(pattern), "/")
		files[name] = "Made by the action " + r.action.Name + ".\n"
	}
	return files
}

// zipFiles returns an archive of the files.
func zipFiles(files map[string]string, made time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: made})
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(f, files[name]); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func zipFS(fsys fs.FS) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if err := w.AddFS(fsys); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

// deployToS3 puts the input artifact, or the files in it, into a bucket of the
// server's S3.
func (s *Server) deployToS3(r ActionRun) Outcome {
	failed := func(format string, args ...any) Outcome {
		return Outcome{State: StateFailed, Summary: fmt.Sprintf(format, args...), ErrorCode: "ConfigurationError"}
	}
	if len(r.Inputs) == 0 {
		return failed("The action has no input artifact")
	}
	in, bucket, key := r.Inputs[0], r.Configuration["BucketName"], r.Configuration["ObjectKey"]
	content, ok := s.Object(in.Bucket, in.Key)
	if !ok {
		return failed("There is no artifact %s at s3://%s/%s", in.Name, in.Bucket, in.Key)
	}
	if r.Configuration["Extract"] != "true" {
		if err := s.PutObject(bucket, key, content); err != nil {
			return failed("%v", err)
		}
		return Outcome{}
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return failed("The artifact %s cannot be extracted: %v", in.Name, err)
	}
	if len(archive.File) > maxExtractedFiles {
		return failed("The artifact %s has %d files, more than %d", in.Name, len(archive.File), maxExtractedFiles)
	}
	left := int64(maxExtracted)
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		body, err := extract(f, left)
		if err != nil {
			return failed("The file %s of the artifact %s cannot be extracted: %v", f.Name, in.Name, err)
		}
		left -= int64(len(body))
		name := f.Name
		if key != "" {
			name = strings.TrimSuffix(key, "/") + "/" + name
		}
		if err := s.PutObject(bucket, name, body); err != nil {
			return failed("%v", err)
		}
	}
	return Outcome{}
}

func extract(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	body, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(body)) > most {
		err = fmt.Errorf("the files have more than %d bytes", maxExtracted)
	}
	return body, err
}
