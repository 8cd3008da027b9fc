package multibranch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/paging"
)

// objectVersion is a version of an object, or a marker of its deletion.
type objectVersion struct {
	types.ObjectIdentifier
	modified time.Time
	deleted  bool
}

// maxVersions bounds what is listed of one branch.
const maxVersions = 100_000

// versions lists all versions of all objects of the branch.
func (m *s3Model) versions(ctx context.Context, b branch) ([]objectVersion, error) {
	prefix := m.folder(b)
	var list []objectVersion
	in := &awss3.ListObjectVersionsInput{Bucket: &b.bucket, Prefix: &prefix}
	var tokens paging.Tokens
	for {
		out, err := m.clients.S3.ListObjectVersions(ctx, in)
		if err == nil && out == nil {
			err = apierror.ErrNoReply
		}
		if err != nil {
			return nil, s3Error("ListBucketVersions", b.bucket, "", err)
		}
		for _, v := range out.Versions {
			list = append(list, objectVersion{types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId}, aws.ToTime(v.LastModified), false})
		}
		for _, v := range out.DeleteMarkers {
			list = append(list, objectVersion{types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId}, aws.ToTime(v.LastModified), true})
		}
		if !aws.ToBool(out.IsTruncated) {
			return list, nil
		}
		if len(list) > maxVersions {
			return nil, fmt.Errorf("s3://%s/%s has more than %d versions: give the bucket a lifecycle rule for old ones", b.bucket, prefix, maxVersions)
		}
		token := aws.ToString(out.NextKeyMarker) + "\n" + aws.ToString(out.NextVersionIdMarker)
		if _, err := tokens.Next(&token, len(out.Versions)+len(out.DeleteMarkers)); err != nil {
			return nil, s3Error("ListBucketVersions", b.bucket, "", err)
		}
		in.KeyMarker, in.VersionIdMarker = out.NextKeyMarker, out.NextVersionIdMarker
	}
}

// deleteVersions deletes the versions.
func (m *s3Model) deleteVersions(ctx context.Context, bucket string, versions []objectVersion) error {
	const atOnce = 1000 // the limit of DeleteObjects
	for part := range slices.Chunk(versions, atOnce) {
		var objects []types.ObjectIdentifier
		for _, v := range part {
			objects = append(objects, v.ObjectIdentifier)
		}
		out, err := m.clients.S3.DeleteObjects(ctx, &awss3.DeleteObjectsInput{
			Bucket: &bucket, Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)},
		})
		if err == nil && out == nil {
			err = apierror.ErrNoReply
		}
		if err != nil {
			return s3Error("DeleteObjectVersion", bucket, "", err)
		}
		var failures []error
		for _, e := range out.Errors {
			if code := aws.ToString(e.Code); code != "NoSuchVersion" && code != "NoSuchKey" {
				failures = append(failures, fmt.Errorf("delete version %s of s3://%s/%s: %s: %s",
					aws.ToString(e.VersionId), bucket, aws.ToString(e.Key), code, aws.ToString(e.Message)))
			}
		}
		if err := errors.Join(failures...); err != nil {
			return err
		}
	}
	return nil
}
