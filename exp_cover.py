import os; os.environ["OMP_NUM_THREADS"]="1"
import numpy as np, itertools, time
from scipy.spatial import cKDTree
from scipy.optimize import minimize
N=6000; i=np.arange(N); y=1-(2*i+1)/N; lon=2*np.pi*i/((1+5**.5)/2); r=np.sqrt(1-y*y)
G=np.stack([r*np.sin(lon),y,-r*np.cos(lon)],1)
def centres(counts,lats,offs):
    out=[]
    for m,p,o in zip(counts,lats,offs):
        l=2*np.pi*(np.arange(m)+o)/m
        out.append(np.stack([np.cos(p)*np.sin(l),np.full(m,np.sin(p)),-np.cos(p)*np.cos(l)],1))
    return np.concatenate(out)
def rad(c): 
    d,_=cKDTree(c).query(G); return np.degrees(2*np.arcsin(d.max()/2))
def full(half,x):
    # half: counts from the pole (1 or 3) down to equator ring(last, if eq) 
    k=len(half[0]); eq=half[1]
    lats=[]; offs=[]; counts=[]
    j=0
    for q,m in enumerate(half[0]):
        if m==1: lat=np.pi/2
        else: lat=x[j]; j+=1
        o=x[j] if m>1 else 0
        if m>1: j+=1
        counts+=[m,m]; lats+=[lat,-lat]; offs+=[o,o if eq else -o]
    if eq: counts.append(eq); lats.append(0); offs.append(0)
    return counts,lats,offs
best={}
rng=np.random.default_rng(0); t0=time.time()
configs=[]
for eq in (0,12,13,14):
    for top in (1,3,4):
        for a in range(5,11):
            for b in range(9,15):
                for c in ((),(11,),(12,),(13,),(14,)):
                    half=(top,a,b,*c)
                    tot=2*sum(half)+eq
                    if 58<=tot<=66: configs.append((half,eq,tot))
print(len(configs))
for half,eq,tot in configs:
    rings=len(half)-(half[0]==1)
    step=np.pi/2/(len(half)-0.5+ (0.5 if eq else 0))
    x0=[]
    lat0=np.pi/2-(0 if half[0]==1 else .16)
    for q,m in enumerate(half):
        if m==1: continue
        x0+= [lat0-q*step, .5*(q%2)]
    f=lambda x: rad(centres(*full((half,eq),x)))
    s=minimize(f,x0,method="Nelder-Mead",options={"maxfev":60*rings})
    if s.fun<17.2: 
        best[(tot,half,eq)]=(s.fun,s.x)
    if time.time()-t0>240: print("cut"); break
for k,(v,x) in sorted(best.items(),key=lambda e:(e[0][0],e[1][0]))[:60]:
    if v<16.8: print(k,round(v,2),np.round(x,3))
