package dynamostore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/codesuite-go/codesuite/events"
)

// API has the methods of *dynamodb.Client that the package calls. It may grow:
// a fake should embed it.
type API interface {
	UpdateItem(context.Context, *awsdynamodb.UpdateItemInput, ...func(*awsdynamodb.Options)) (*awsdynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *awsdynamodb.DeleteItemInput, ...func(*awsdynamodb.Options)) (*awsdynamodb.DeleteItemOutput, error)
}

// Options are the options of [New] and [Open].
type Options struct {
	// KeyAttribute is the name of the table's partition key, "key" by default.
	KeyAttribute string
	// ExpiresAttribute is the name of the attribute for time to live, "expires"
	// by default.
	ExpiresAttribute string
}

// Store is an [events.Store] on a DynamoDB table. It may be used by several
// goroutines at once.
type Store struct {
	api     API
	table   string
	options Options
	err     error // of New
}

var _ events.Store = (*Store)(nil)

// Open returns a Store on the table, with a client made of cfg.
func Open(cfg aws.Config, table string, optFns ...func(*Options)) *Store {
	return New(awsdynamodb.NewFromConfig(cfg), table, optFns...)
}

// New returns a Store on the table. Each call fails if an argument or option is
// wrong.
func New(api API, table string, optFns ...func(*Options)) *Store {
	s := &Store{api: api, table: table, options: Options{KeyAttribute: "key", ExpiresAttribute: "expires"}}
	for _, fn := range optFns {
		fn(&s.options)
	}
	client, isClient := api.(*awsdynamodb.Client)
	switch o := s.options; {
	case api == nil || isClient && client == nil:
		s.err = errors.New("dynamostore: the client is nil")
	case table == "":
		s.err = errors.New("dynamostore: the name of the table is empty")
	case o.KeyAttribute == "" || o.ExpiresAttribute == "":
		s.err = errors.New("dynamostore: Options.KeyAttribute and Options.ExpiresAttribute must not be empty")
	case o.KeyAttribute == o.ExpiresAttribute || reserved(o.KeyAttribute) || reserved(o.ExpiresAttribute):
		s.err = fmt.Errorf("dynamostore: the attributes %q, %q, %q, %q and %q must differ", o.KeyAttribute, o.ExpiresAttribute, ownerAttribute, untilAttribute, doneAttribute)
	}
	return s
}

// The attributes of an item beside its key and its time to live: who claimed the
// event, until when in milliseconds the claim or the memory of it holds, and
// whether it was handled.
const (
	ownerAttribute = "owner"
	untilAttribute = "until"
	doneAttribute  = "done"
)

func reserved(name string) bool {
	return name == ownerAttribute || name == untilAttribute || name == doneAttribute
}

// Claim implements [events.Store].
func (s *Store) Claim(ctx context.Context, key, owner string, lease time.Duration) (events.ClaimStatus, error) {
	if s.err != nil {
		return 0, s.err
	}
	now := time.Now()
	// The claim of this owner may be there: the reply to an earlier attempt got
	// lost.
	_, err := s.api.UpdateItem(ctx, &awsdynamodb.UpdateItemInput{
		TableName:                           &s.table,
		Key:                                 s.key(key),
		ConditionExpression:                 aws.String("attribute_not_exists(#until) OR #until <= :now OR #owner = :owner"),
		UpdateExpression:                    aws.String("SET #owner = :owner, #until = :until, #expires = :expires REMOVE #done"),
		ExpressionAttributeNames:            s.names(),
		ExpressionAttributeValues:           with(values(owner, now.Add(lease)), ":now", number(now.UnixMilli())),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		if done, ok := failed.Item[doneAttribute].(*types.AttributeValueMemberBOOL); ok && done.Value {
			return events.ClaimStatusDone, nil
		}
		return events.ClaimStatusBusy, nil
	}
	if err != nil {
		return 0, s.failed("claim an event", err)
	}
	return events.ClaimStatusClaimed, nil
}

// Commit implements [events.Store].
func (s *Store) Commit(ctx context.Context, key, owner string, keep time.Duration) error {
	if s.err != nil {
		return s.err
	}
	_, err := s.api.UpdateItem(ctx, &awsdynamodb.UpdateItemInput{
		TableName:                 &s.table,
		Key:                       s.key(key),
		ConditionExpression:       aws.String("attribute_not_exists(#until) OR #owner = :owner"),
		UpdateExpression:          aws.String("SET #owner = :owner, #until = :until, #expires = :expires, #done = :done"),
		ExpressionAttributeNames:  s.names(),
		ExpressionAttributeValues: with(values(owner, time.Now().Add(keep)), ":done", &types.AttributeValueMemberBOOL{Value: true}),
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return errors.New("the claim was lost to another; was the lease too short?")
	}
	if err != nil {
		return s.failed("commit an event", err)
	}
	return nil
}

// Release implements [events.Store].
func (s *Store) Release(ctx context.Context, key, owner string) error {
	if s.err != nil {
		return s.err
	}
	_, err := s.api.DeleteItem(ctx, &awsdynamodb.DeleteItemInput{
		TableName:                 &s.table,
		Key:                       s.key(key),
		ConditionExpression:       aws.String("#owner = :owner AND attribute_not_exists(#done)"),
		ExpressionAttributeNames:  map[string]string{"#owner": ownerAttribute, "#done": doneAttribute},
		ExpressionAttributeValues: map[string]types.AttributeValue{":owner": &types.AttributeValueMemberS{Value: owner}},
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); err != nil && !errors.As(err, &failed) {
		return s.failed("release an event", err)
	}
	return nil
}

// maxKey is how many bytes DynamoDB allows in a partition key.
const maxKey = 2048

func (s *Store) key(key string) map[string]types.AttributeValue {
	if len(key) > maxKey {
		sum := sha256.Sum256([]byte(key))
		key = "sha256|" + hex.EncodeToString(sum[:])
	}
	return map[string]types.AttributeValue{s.options.KeyAttribute: &types.AttributeValueMemberS{Value: key}}
}

func (s *Store) names() map[string]string {
	return map[string]string{
		"#owner": ownerAttribute, "#until": untilAttribute, "#done": doneAttribute, "#expires": s.options.ExpiresAttribute,
	}
}

// values are those of an item. DynamoDB may remove it a second after the end.
func values(owner string, until time.Time) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		":owner":   &types.AttributeValueMemberS{Value: owner},
		":until":   number(until.UnixMilli()),
		":expires": number(until.Unix() + 1),
	}
}

func with(values map[string]types.AttributeValue, name string, value types.AttributeValue) map[string]types.AttributeValue {
	values[name] = value
	return values
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func (s *Store) failed(what string, err error) error {
	return fmt.Errorf("dynamostore: %s in table %s: %w", what, s.table, err)
}
