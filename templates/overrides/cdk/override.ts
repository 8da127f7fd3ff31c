#!/usr/bin/env node
import * as cdk from 'aws-cdk-lib';
import { OverrideStack } from '../stack';

const app = new cdk.App();
new OverrideStack(app, 'Stack', {
  app: process.env.COPILOT_APPLICATION_NAME ?? '',
  env: process.env.COPILOT_ENVIRONMENT_NAME ?? '',
});
