"""Deep Q-learning on a corridor of cells: the reward lies at its end."""
import math
import random
from collections import deque, namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

BATCH_SIZE = 16
GAMMA = 0.9
EPS_START, EPS_END, EPS_DECAY = 0.9, 0.05, 60
TAU = 0.05


class Corridor:
    """Cells in a row; one can go left (0) or right (1)."""

    def __init__(self, length=6):
        self.length = length
        self.position = 0
        self.steps = 0

    def reset(self):
        self.position = 0
        self.steps = 0
        return self.state()

    def state(self):
        s = torch.zeros(self.length)
        s[self.position] = 1.0
        return s

    def step(self, action):
        self.steps += 1
        self.position = max(0, self.position - 1) if action == 0 else self.position + 1
        done = self.position == self.length - 1
        reward = 1.0 if done else -0.01
        return self.state(), reward, done or self.steps >= 30


class ReplayMemory(object):
    def __init__(self, capacity):
        self.memory = deque([], maxlen=capacity)

    def push(self, state, action, reward, next_state, done):
        """Save a transition"""
        self.memory.append((state, action, reward, next_state, done))

    def sample(self, batch_size):
        return random.sample(self.memory, batch_size)

    def __len__(self):
        return len(self.memory)


class DQN(nn.Module):
    def __init__(self, n_observations, n_actions):
        super(DQN, self).__init__()
        self.layer1 = nn.Linear(n_observations, 32)
        self.layer2 = nn.Linear(32, n_actions)

    def forward(self, x):
        x = F.relu(self.layer1(x))
        return self.layer2(x)


random.seed(2)
torch.manual_seed(2)
env = Corridor()
policy_net = DQN(env.length, 2)
target_net = DQN(env.length, 2)
target_net.load_state_dict(policy_net.state_dict())
optimizer = optim.AdamW(policy_net.parameters(), lr=5e-3, amsgrad=True)
memory = ReplayMemory(500)
steps_done = 0


def select_action(state):
    global steps_done
    eps_threshold = EPS_END + (EPS_START - EPS_END) * math.exp(-1. * steps_done / EPS_DECAY)
    steps_done += 1
    if random.random() > eps_threshold:
        with torch.no_grad():
            return policy_net(state).argmax().item()
    return random.randrange(2)


def optimize_model():
    if len(memory) < BATCH_SIZE:
        return None
    batch = memory.sample(BATCH_SIZE)
    states, actions, rewards, next_states, dones = zip(*batch)
    state_batch = torch.stack(states)
    action_batch = torch.tensor(actions).unsqueeze(1)
    reward_batch = torch.tensor(rewards)
    not_done = 1 - torch.tensor(dones).float()
    q = policy_net(state_batch).gather(1, action_batch).squeeze(1)
    with torch.no_grad():
        next_q = target_net(torch.stack(next_states)).max(1).values
    expected = reward_batch + GAMMA * next_q * not_done
    criterion = nn.SmoothL1Loss()
    loss = criterion(q, expected)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
    optimizer.step()
    return loss.item()


for i_episode in range(12):
    state = env.reset()
    total = 0.0
    while True:
        action = select_action(state)
        next_state, reward, done = env.step(action)
        memory.push(state, action, reward, next_state, done)
        total += reward
        state = next_state
        loss = optimize_model()
        target_net_state_dict = target_net.state_dict()
        policy_net_state_dict = policy_net.state_dict()
        for key in policy_net_state_dict:
            target_net_state_dict[key] = policy_net_state_dict[key] * TAU + target_net_state_dict[key] * (1 - TAU)
        target_net.load_state_dict(target_net_state_dict)
        if done:
            break
    if i_episode % 3 == 2:
        print(f"episode {i_episode}: {env.steps} steps, return {total:.2f}, memory {len(memory)}")
if loss is not None:
    print(f"{loss:.5f}")
