package multibranch_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/codesuite-go/codesuite/pipeline/multibranch"
)

// bucket is a versioned bucket that makes conditional writes, also those of
// uploads in parts, as S3 does. The example's tests use a server over HTTP.
type bucket struct {
	multibranch.S3API // fails for what is not used

	mu         sync.Mutex
	versions   []version // oldest first
	uploads    map[string]*awss3.CreateMultipartUploadInput
	parts      map[string]map[int32][]byte
	unversed   bool
	onPut      func() // before a write is checked
	puts, gets int
}

type version struct {
	key, id, etag string
	body          []byte
	metadata      map[string]string
	modified      time.Time
}

func newBucket() *bucket {
	return &bucket{uploads: make(map[string]*awss3.CreateMultipartUploadInput), parts: make(map[string]map[int32][]byte)}
}

func getInput(key, version string) *awss3.GetObjectInput {
	return &awss3.GetObjectInput{Bucket: aws.String(bucketName), Key: &key, VersionId: &version}
}

func s3Failure(status int, code string) error {
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: &smithy.GenericAPIError{Code: code, Message: "of the test"},
	}}
}

func (b *bucket) newest(key string) *version {
	for i := len(b.versions) - 1; i >= 0; i-- {
		if b.versions[i].key == key {
			return &b.versions[i]
		}
	}
	return nil
}

func (b *bucket) put(key string, body []byte, metadata map[string]string, ifMatch, ifNoneMatch *string) (*version, error) {
	if b.onPut != nil {
		b.onPut()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	last := b.newest(key)
	if ifNoneMatch != nil && last != nil || ifMatch != nil && (last == nil || last.etag != *ifMatch) {
		return nil, s3Failure(http.StatusPreconditionFailed, "PreconditionFailed")
	}
	b.puts++
	v := version{key, "v" + strconv.Itoa(b.puts), fmt.Sprintf("%q", fmt.Sprintf("%x", md5.Sum(body))), body, metadata, time.Unix(int64(b.puts), 0)}
	if b.unversed {
		v.id = ""
	}
	b.versions = append(b.versions, v)
	return &v, nil
}

func (b *bucket) PutObject(_ context.Context, in *awss3.PutObjectInput, _ ...func(*awss3.Options)) (*awss3.PutObjectOutput, error) {
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	v, err := b.put(*in.Key, body, in.Metadata, in.IfMatch, in.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	return &awss3.PutObjectOutput{ETag: &v.etag, VersionId: &v.id}, nil
}

func (b *bucket) CreateMultipartUpload(_ context.Context, in *awss3.CreateMultipartUploadInput, _ ...func(*awss3.Options)) (*awss3.CreateMultipartUploadOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := "u" + strconv.Itoa(len(b.uploads))
	b.uploads[id], b.parts[id] = in, make(map[int32][]byte)
	return &awss3.CreateMultipartUploadOutput{UploadId: &id}, nil
}

func (b *bucket) UploadPart(_ context.Context, in *awss3.UploadPartInput, _ ...func(*awss3.Options)) (*awss3.UploadPartOutput, error) {
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parts[*in.UploadId][*in.PartNumber] = body
	return &awss3.UploadPartOutput{ETag: aws.String("part")}, nil
}

func (b *bucket) CompleteMultipartUpload(_ context.Context, in *awss3.CompleteMultipartUploadInput, _ ...func(*awss3.Options)) (*awss3.CompleteMultipartUploadOutput, error) {
	b.mu.Lock()
	created, parts := b.uploads[*in.UploadId], b.parts[*in.UploadId]
	b.mu.Unlock()
	var body []byte
	for _, p := range in.MultipartUpload.Parts {
		body = append(body, parts[*p.PartNumber]...)
	}
	v, err := b.put(*in.Key, body, created.Metadata, in.IfMatch, in.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	return &awss3.CompleteMultipartUploadOutput{ETag: &v.etag, VersionId: &v.id}, nil
}

func (b *bucket) AbortMultipartUpload(_ context.Context, in *awss3.AbortMultipartUploadInput, _ ...func(*awss3.Options)) (*awss3.AbortMultipartUploadOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.parts, *in.UploadId)
	return &awss3.AbortMultipartUploadOutput{}, nil
}

func (b *bucket) HeadObject(_ context.Context, in *awss3.HeadObjectInput, _ ...func(*awss3.Options)) (*awss3.HeadObjectOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := b.newest(*in.Key)
	if v == nil {
		return nil, s3Failure(http.StatusNotFound, "NotFound")
	}
	return &awss3.HeadObjectOutput{ETag: &v.etag, VersionId: &v.id, Metadata: v.metadata}, nil
}

func (b *bucket) GetObject(_ context.Context, in *awss3.GetObjectInput, _ ...func(*awss3.Options)) (*awss3.GetObjectOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gets++
	for _, v := range b.versions {
		if v.key == *in.Key && v.id == aws.ToString(in.VersionId) {
			return &awss3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(v.body))}, nil
		}
	}
	return nil, s3Failure(http.StatusNotFound, "NoSuchVersion")
}

// ListObjectVersions returns pages of three.
func (b *bucket) ListObjectVersions(_ context.Context, in *awss3.ListObjectVersionsInput, _ ...func(*awss3.Options)) (*awss3.ListObjectVersionsOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sorted := slices.Clone(b.versions)
	slices.SortStableFunc(sorted, func(x, y version) int { return cmp.Compare(x.key, y.key) })
	out := &awss3.ListObjectVersionsOutput{}
	after := in.KeyMarker == nil
	for _, v := range sorted {
		if strings.HasPrefix(v.key, *in.Prefix) && after {
			if len(out.Versions) == 3 {
				last := out.Versions[2]
				out.IsTruncated, out.NextKeyMarker, out.NextVersionIdMarker = aws.Bool(true), last.Key, last.VersionId
				break
			}
			out.Versions = append(out.Versions, types.ObjectVersion{Key: &v.key, VersionId: &v.id, LastModified: &v.modified})
		}
		if v.key == aws.ToString(in.KeyMarker) && v.id == aws.ToString(in.VersionIdMarker) {
			after = true
		}
	}
	return out, nil
}

func (b *bucket) DeleteObjects(_ context.Context, in *awss3.DeleteObjectsInput, _ ...func(*awss3.Options)) (*awss3.DeleteObjectsOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range in.Delete.Objects {
		b.versions = slices.DeleteFunc(b.versions, func(v version) bool { return v.key == *o.Key && v.id == *o.VersionId })
	}
	return &awss3.DeleteObjectsOutput{}, nil
}

func (b *bucket) GetBucketVersioning(context.Context, *awss3.GetBucketVersioningInput, ...func(*awss3.Options)) (*awss3.GetBucketVersioningOutput, error) {
	if b.unversed {
		return &awss3.GetBucketVersioningOutput{}, nil
	}
	return &awss3.GetBucketVersioningOutput{Status: types.BucketVersioningStatusEnabled}, nil
}

// keys returns the keys of all versions.
func (b *bucket) keys() (keys []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range b.versions {
		keys = append(keys, v.key)
	}
	return keys
}
