package action_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/internal/leaktest"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// maxMemory is the memory that one hostile artifact may take of a process: that
// of a small Lambda function. The race detector's own memory depends on the
// load of the machine: the bound is not compared with it.
const maxMemory = 256 << 20

// openHostile makes a process of the test open artifacts and do nothing else.
const openHostile = "CODESUITE_TEST_OPEN"

func TestMain(m *testing.M) {
	if list := os.Getenv(openHostile); list != "" {
		if err := openAll(list); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	leaktest.Main(m, "codesuite/pipeline/action")
}

// hostileFile is an artifact for the process that opens it.
type hostileFile struct {
	Path   string
	Limits action.Limits
}

// openAll opens the artifacts that the file lists, walks over what is in them,
// and prints for each the error or the number of its entries, and in the end the
// memory of the process.
func openAll(list string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	var files []hostileFile
	if err := json.Unmarshal(text, &files); err != nil {
		return err
	}
	for _, f := range files {
		result, err := openOne(f)
		if err != nil {
			result = err.Error()
		}
		line, err := json.Marshal(result)
		if err != nil {
			return err
		}
		fmt.Println(string(line))
	}
	fmt.Println(peakMemory())
	return nil
}

func openOne(f hostileFile) (string, error) {
	d := details()
	job := action.NewJob(d, func(o *action.JobOptions) {
		o.Limits, o.TempDir = f.Limits, filepath.Dir(f.Path)
		o.S3 = func(aws.CredentialsProvider) action.S3API { return fileS3{path: f.Path} }
	})
	defer job.Close()
	fsys, err := job.Input(context.Background(), "Source")
	if err != nil {
		return "", err
	}
	entries := 0
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entries++; d.Type()&fs.ModeSymlink != 0 {
			fs.Stat(fsys, name) // follows it
		}
		if !fs.ValidPath(name) {
			return fmt.Errorf("the name %q is not valid", name)
		}
		return nil
	})
	return fmt.Sprint(entries, " entries"), err
}

// fileS3 has one object, a file.
type fileS3 struct {
	action.S3API
	path string
}

func (s fileS3) GetObject(_ context.Context, in *awss3.GetObjectInput, _ ...func(*awss3.Options)) (*awss3.GetObjectOutput, error) {
	file, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	out := &awss3.GetObjectOutput{Body: file, ContentLength: aws.Int64(info.Size()), ETag: aws.String("1")}
	var first, last int64
	if n, _ := fmt.Sscanf(aws.ToString(in.Range), "bytes=%d-%d", &first, &last); n == 2 && info.Size() > 0 {
		last = min(last, info.Size()-1)
		out.Body = struct {
			io.Reader
			io.Closer
		}{io.NewSectionReader(file, first, last-first+1), file}
		out.ContentLength = aws.Int64(last - first + 1)
		out.ContentRange = aws.String(fmt.Sprintf("bytes %d-%d/%d", first, last, info.Size()))
	}
	return out, nil
}

// openInChild opens artifacts in a process of their own, and returns its
// results, its peak memory, 0 if the system does not tell it, and the processor
// time it took, which is for the log alone.
func openInChild(t *testing.T, files []hostileFile) (results []string, memory int64, cpu time.Duration) {
	t.Helper()
	list, err := json.Marshal(files)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, list, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), openHostile+"="+path)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the process failed: %v\n%.2000s", err, stderr.String())
	}
	for line := range strings.Lines(string(out)) {
		if err := json.Unmarshal([]byte(line), &memory); err == nil {
			continue
		}
		var result string
		if err := json.Unmarshal([]byte(line), &result); err != nil {
			t.Fatal(err)
		}
		results = append(results, result)
	}
	return results, memory, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

func checkBounds(t *testing.T, memory int64, cpu time.Duration) {
	t.Helper()
	t.Logf("peak memory %d MiB, processor time %v", memory>>20, cpu.Round(time.Millisecond))
	if memory > maxMemory && !raceDetector {
		t.Errorf("peak memory %d MiB, over %d", memory>>20, maxMemory>>20)
	}
}

// No hostile artifact is read as something else than it is, crashes the process
// or takes more than its bounds; all small ones together keep to those of one.
func TestHostileCorpus(t *testing.T) {
	t.Parallel()
	corpus := smallCorpus(t)
	if len(corpus) < 120 {
		t.Errorf("%d artifacts, want at least 120", len(corpus))
	}
	dir := t.TempDir()
	var files []hostileFile
	for i, h := range corpus {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, h.data, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, hostileFile{Path: path})
	}
	results, memory, cpu := openInChild(t, files)
	for i, h := range corpus {
		if i == len(results) {
			t.Fatalf("%s ended the process", h.name)
		}
		accepted := strings.HasSuffix(results[i], " entries")
		if h.want != "any" && (h.want == "") != accepted || !accepted && h.want != "any" && !strings.Contains(results[i], h.want) {
			t.Errorf("%s: %.400s, want %q", h.name, results[i], h.want)
		}
	}
	t.Logf("%d artifacts", len(corpus))
	checkBounds(t, memory, cpu)
}
