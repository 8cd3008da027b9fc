// Package dynamostore remembers in a DynamoDB table which events were handled,
// for [events.Dedup]. Any number of functions and instances may share a table.
//
//	store := dynamostore.Open(cfg, "handled-events")
//	err := mux.Use(events.Dedup(store))
//
// # Table
//
// The table has the partition key "key", a string, and no sort key. Switch on
// time to live for the attribute "expires", so that DynamoDB removes old items:
//
//	HandledEvents:
//	  Type: AWS::DynamoDB::Table
//	  Properties:
//	    BillingMode: PAY_PER_REQUEST
//	    AttributeDefinitions: [{AttributeName: key, AttributeType: S}]
//	    KeySchema: [{AttributeName: key, KeyType: HASH}]
//	    TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
//
// # Permissions
//
// dynamodb:UpdateItem and dynamodb:DeleteItem on the table.
//
// # Limits
//
// Each event costs two writes, a claim and a commit. Leases are compared with
// the clocks of the callers: the lease has to be longer than these differ. A key
// of more than 2,048 bytes is stored as its SHA-256.
package dynamostore
