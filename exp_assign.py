import os; os.environ["OMP_NUM_THREADS"]="1"
import numpy as np, time
from scipy.spatial import cKDTree
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
N,n,fov=26500,59,80
i=np.arange(N); y=1-(2*i+1)/N; lon=2*np.pi*i/((1+5**.5)/2); r=np.sqrt(1-y*y)
P=np.stack([r*np.sin(lon),y,-r*np.cos(lon)],1)
f=np.tan(np.deg2rad(fov/2))
def view(yaw,pitch):
    a,b=np.deg2rad([yaw,pitch]); 
    R=np.array([[np.cos(a),0,-np.sin(a)],[0,1,0],[np.sin(a),0,np.cos(a)]])@np.array([[1,0,0],[0,np.cos(b),-np.sin(b)],[0,np.sin(b),np.cos(b)]])
    Q=P@R; return Q
Q=view(13,22.5)
ok=(Q[:,2]<0); u=np.where(ok[:,None],Q[:,:2]/-Q[:,2:],9)/f
inn=np.abs(u).max(1)<1
print("in view",inn.sum(),n*n)
c=(np.arange(n)+.5)/n*2-1; C=np.stack(np.meshgrid(c,c),-1).reshape(-1,2)
near=np.abs(u).max(1)<1.06
idx=np.flatnonzero(near); U=u[idx]
sp=2/n
def report(a,name,t):
    d=np.linalg.norm(U[a]-C,axis=1)/sp
    G=U[a].reshape(n,n,2); dn=np.concatenate([np.linalg.norm(np.diff(G,axis=0),axis=-1).ravel(),np.linalg.norm(np.diff(G,axis=1),axis=-1).ravel()])/sp
    om=1-np.isin(np.flatnonzero(inn),idx[a]).mean()
    print(name,f"{t:.3f}s mean {d.mean():.3f} max {d.max():.2f} nb>2.5 {(dn>2.5).mean():.4f} >3 {(dn>3).mean():.5f} max {dn.max():.2f} omitted {om:.4f} distinct {len(np.unique(a))==n*n}")
D=((U[None]-C[:,None])**2).sum(-1)
t=time.time(); rr,cc=linear_sum_assignment(D); report(cc,"LSA squared",time.time()-t)
t=time.time(); rr,cc=linear_sum_assignment(np.sqrt(D)); report(cc,"LSA linear",time.time()-t)
# force points inside: cost to omit: weights by centrality
for k in (8,16,32):
    t=time.time(); tree=cKDTree(U); d,j=tree.query(C,k=k)
    M=csr_matrix(((d**2+1e-6).ravel(),j.ravel(),np.arange(0,k*n*n+1,k)),shape=(n*n,len(U)))
    t1=time.time()
    try:
        rr,cc=min_weight_full_bipartite_matching(M); report(cc,f"sparse {k} (knn {t1-t:.3f})",time.time()-t)
    except Exception as e: print(k,e,time.time()-t)
# KR
t=time.time()
sel=np.argsort(np.abs(U).max(1))[:n*n]; V=U[sel]
o=np.argsort(V[:,1]).reshape(n,n)
a=np.stack([row[np.argsort(V[row,0])] for row in o]); a=sel[a].ravel(); report(a,"rank",time.time()-t)
